import type { AppReference, Workflow } from '@osmo/crds';
import type { FieldProblem } from '@osmo/workflow-spec/admission';
import { describeRecipeProblem, type RecipeProblem } from '@osmo/workflow-spec/problem';
import { type RecipeReader, RecipeReaderBusy, type RecipeRequest } from '@osmo/workflow-spec/reader';
import { allowed, busy, patched, refused } from '../review/answers.ts';
import { isWorkflow } from '../review/judge.ts';
import { named } from '../review/named.ts';
import type { AdmissionRequest, AdmissionResponse } from '../review/types.ts';
import { filledIn } from './fill-in.ts';
import type { FindRecipe } from './find-recipe.ts';

/** What apps become workflows with. */
export interface Rendering {
  readonly findRecipe: FindRecipe;
  /** Reads recipes within bounds of time and memory: a recipe is a program of somebody else. */
  readonly recipes: Pick<RecipeReader, 'check' | 'read'>;
}

/** What an app writes. */
const written = ['tasks', 'groups', 'source'] as const;
/** Stands for what the app will fill in, so that the rest can be judged. */
const placeholder = [{ name: 'app', image: 'app', command: ['app'] }];

/**
 * Answers the apiserver's question about a new Workflow that names an app: refused with all that is wrong with it, or
 * completed by what the app says. Anything else is allowed as it is.
 *
 * @throws KubeError when the app can't be looked up, Error when reading its recipe fails
 */
export async function renderApp(
  request: AdmissionRequest,
  { findRecipe, recipes }: Rendering,
): Promise<AdmissionResponse> {
  const { object, operation, userInfo } = request;
  if (!isWorkflow(request) || operation !== 'CREATE' || object === undefined || object === null)
    return allowed(request);
  const workflow = object as Workflow;
  const app: AppReference | undefined = (workflow.spec as Workflow['spec'] | undefined)?.app;
  if (app === undefined) return allowed(request);
  const namespace = request.namespace ?? workflow.metadata.namespace ?? '';
  try {
    const problems = await problemsOf(workflow, recipes);
    if (problems.length > 0) return refused(request, problems);
    const found = await findRecipe(userInfo, app, namespace);
    if ('message' in found) return refused(request, [found]);
    const read = await recipes.read(recipeRequest(app, found.recipe));
    if ('problems' in read) {
      const ofRecipe = read.problems.map((problem) => ofApp(app, found.version, problem));
      return refused(request, ofRecipe);
    }
    const whole = { ...workflow, metadata: { ...workflow.metadata, namespace } };
    return patched(request, filledIn(whole, found, read.workflow.spec), read.warnings);
  } catch (error) {
    if (error instanceof RecipeReaderBusy) return busy(request, `${error.message}; try again in a moment`);
    throw error;
  }
}

/** What the schema, which is asked later, would say, and it would say of the tasks what their author hasn't written. */
async function problemsOf(workflow: Workflow, recipes: Rendering['recipes']): Promise<FieldProblem[]> {
  const beside = written
    .filter((field) => workflow.spec[field] !== undefined)
    .map((field) => ({
      path: `spec.${field}`,
      message: `is what spec.app fills in: leave it out, or leave out spec.app where a workflow is to be made again as it was`,
    }));
  const spec = { ...workflow.spec, tasks: placeholder, groups: undefined, source: undefined };
  const { problems } = await recipes.check(named({ ...workflow, spec: spec as unknown as Workflow['spec'] }));
  return [...beside, ...problems.map(({ path = 'spec', message = '', ...value }) => ({ path, message, ...value }))];
}

function recipeRequest({ values = [] }: AppReference, text: string): RecipeRequest {
  const texts = (wanted: 'Auto' | 'Text'): string[] =>
    values.filter(({ type = 'Auto' }) => type === wanted).map(({ name, value }) => `${name}=${value}`);
  return { text, set: texts('Auto'), setString: texts('Text') };
}

function ofApp({ name }: AppReference, version: number, problem: RecipeProblem): FieldProblem {
  return { path: 'spec.app', message: `recipe of ${name}.${version}: ${describeRecipeProblem(problem)}` };
}
