import type { WorkflowInput } from '@osmo/crds';
import { placeOf, RecipeError, type RecipeProblem } from '../problem.ts';
import { PyDict } from '../python/dict.ts';
import { dumpYaml } from '../yaml/emitter.ts';
import { askableOf } from './askable.ts';
import { furtherProblems } from './further-problems.ts';
import { NodeReader, type PlacedProblem } from './node-reader.ts';
import { Origins } from './origins.ts';
import type { ReadContext } from './read-context.ts';
import { onceEach } from './once-each.ts';
import { readWorkflow } from './read-workflow.ts';
import { renderSections, type RenderedRecipe } from './render-recipe.ts';
import { isLongerThan } from './size.ts';
import { type Overrides, splitAssignment } from './template-values.ts';

/** A recipe and all that is said beside it. Plain data: it can be sent to a worker. */
export interface RecipeRequest extends Overrides {
  /** The recipe. */
  readonly text: string;
  /** As `--set-env NAME=VALUE`: variables that every task gets, over its own. */
  readonly setEnv?: readonly string[];
  /** As `--label KEY=VALUE`, over the recipe's own. */
  readonly labels?: readonly string[];
  /** Pool instead of the recipe's. */
  readonly pool?: string;
  readonly priority?: 'HIGH' | 'NORMAL' | 'LOW';
  /** Contents of the files that `localpath` names, by that name. Without it a `localpath` is refused. */
  readonly localFiles?: Readonly<Record<string, string>>;
  /** The template, for the record, when `text` is already rendered from it. */
  readonly uploadedTemplate?: string;
  /** Fields of the Workflow, as in `spec.tasks[0].image`, whose places in the recipe are wanted. */
  readonly locate?: readonly string[];
  /** Whether, of a recipe with problems, what can still be asked about is wanted. */
  readonly draft?: boolean;
}

/** Where something is in a recipe. */
export type RecipePlace = Required<Pick<RecipeProblem, 'path' | 'line' | 'column'>>;

/** What a recipe says, or everything that is wrong with it. */
export type RecipeResult =
  | {
      /** Its `metadata.name` is that of the recipe as Kubernetes takes it, without a number behind it. */
      readonly workflow: WorkflowInput;
      /** Name as the recipe has it. */
      readonly name: string;
      readonly warnings: readonly string[];
      /** With `locate`: of the fields that it names and that come from a place in the recipe, or lie below something that does. */
      readonly places?: Readonly<Record<string, RecipePlace>>;
    }
  | {
      readonly problems: readonly RecipeProblem[];
      /** With `draft`: what pool, credentials and data can be asked about all the same, where there is anything. */
      readonly draft?: WorkflowInput;
      readonly places?: Readonly<Record<string, RecipePlace>>;
    };

/** The rendered recipe as a YAML document, or everything that is wrong with it. */
export type RenderResult =
  { readonly document: string; readonly warnings: readonly string[] } | { readonly problems: readonly RecipeProblem[] };

/** Longest template that is kept with the workflow, in characters. */
const longestTemplate = 262_144;

/**
 * Longest workflow, in characters: kube-apiserver takes no body of more bytes. An anchor that is used many times makes much of a short
 * recipe, and whoever reads for others must not be flooded by it.
 */
const longestWorkflow = 3_145_728;
/** Longest rendered document. */
const longestDocument = 8_388_608;

/**
 * Reads a recipe in this thread. Its template may take seconds and much memory: servers use a `RecipeReader`.
 */
export function readRecipe(request: RecipeRequest): RecipeResult {
  return guarded(request, (text, found) => {
    const rendered = renderSections(text, request, found);
    const reader = new NodeReader(rendered.constructor);
    const context: ReadContext = {
      reader,
      origins: new Origins(),
      warnings: [...rendered.warnings],
      localFiles: request.localFiles && new Map(Object.entries(request.localFiles)),
      environment: assignments(request.setEnv, '--set-env', found),
    };
    const root = { node: rendered.root, path: '' };
    const field = reader.fields(root, ['workflow']).get('workflow') ?? root;
    const read = readWorkflow(
      context,
      { node: field.node, path: 'workflow' },
      {
        ...(request.pool !== undefined && { pool: request.pool }),
        ...(request.priority && { priority: request.priority }),
        labels: assignments(request.labels, '--label', found),
      },
    );
    const problems = [...reader.problems];
    const isLong = isLongerThan(read.workflow, longestWorkflow);
    if (isLong) problems.push({ message: tooLong(longestWorkflow) });
    else if (!reader.isFull) problems.push(...furtherProblems(read.workflow, context));
    const places = request.locate && placesOf(request.locate, context, rendered, text);
    if (found.length + problems.length > 0) {
      const told = onceEach([...found, ...problems.map((problem) => inText(problem, rendered, text))]);
      const draft = request.draft === true && !reader.isFull && !isLong ? askableOf(read.workflow) : undefined;
      return { problems: told, ...(draft && { draft }), ...(places && { places }) };
    }
    const workflow = withSource(read.workflow, request, rendered);
    return { workflow, name: read.name, warnings: context.warnings, ...(places && { places }) };
  });
}

/** Renders a recipe in this thread, without looking at what it says: `--dry-run`. */
export function renderRecipe(request: RecipeRequest): RenderResult {
  return guarded(request, (recipe, found) => {
    const { root, constructor, warnings } = renderSections(recipe, request, found);
    const document = constructor.value(root);
    const labels = assignments(request.labels, '--label', found);
    if (found.length > 0) return { problems: found };
    const workflow = document instanceof PyDict ? document.get('workflow') : undefined;
    if (labels.size > 0 && workflow instanceof PyDict) {
      const own = workflow.get('labels');
      workflow.set('labels', new PyDict([...(own instanceof PyDict ? own.entries() : []), ...labels]));
    }
    const text = dumpYaml(document);
    if (text.length > longestDocument) throw new RecipeError(tooLong(longestDocument));
    return { document: text, warnings };
  });
}

const tooLong = (most: number): string =>
  `workflow: has more than ${most} characters with its anchors and templates written out; make several workflows of it, or put large files elsewhere`;

/** The text as the readers take it: lines that end with `\n`, no byte order mark. */
const normalised = (text: string): string => text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');

/** @param run gets a list for what is wrong that keeps nobody from reading on */
function guarded<T>(
  request: RecipeRequest,
  run: (text: string, found: RecipeProblem[]) => T,
): T | { problems: readonly RecipeProblem[] } {
  const text = normalised(request.text);
  const found: RecipeProblem[] = [];
  try {
    return run(text, found);
  } catch (error) {
    if (error instanceof RecipeError) {
      const place = error.offset === undefined ? {} : placeOf(text, error.offset);
      return { problems: [...found, { message: error.message, ...place }] };
    }
    // A full stack, or a text longer than JavaScript can make.
    if (error instanceof RangeError) return { problems: [{ message: 'the recipe is nested too deeply or too large' }] };
    throw error;
  }
}

function assignments(texts: readonly string[] = [], flag: string, found: RecipeProblem[] = []): Map<string, string> {
  return new Map(
    texts.flatMap((text): [string, string][] => {
      try {
        return [splitAssignment(text, flag)];
      } catch (error) {
        if (!(error instanceof RecipeError)) throw error;
        found.push({ message: error.message });
        return [];
      }
    }),
  );
}

function placesOf(
  paths: readonly string[],
  { origins }: ReadContext,
  rendered: RenderedRecipe,
  text: string,
): Record<string, RecipePlace> {
  const found = paths.flatMap((path): [string, RecipePlace][] => {
    const placed = origins.placed(path);
    if (placed === undefined) return [];
    const place = placeOf(text, rendered.sourceOffset(placed.field.node.offset));
    return [[path, { path: placed.path, ...place }]];
  });
  return Object.fromEntries(found);
}

function inText({ offset, ...problem }: PlacedProblem, rendered: RenderedRecipe, text: string): RecipeProblem {
  return offset === undefined ? problem : { ...problem, ...placeOf(text, rendered.sourceOffset(offset)) };
}

function withSource(workflow: WorkflowInput, request: RecipeRequest, { isTemplate }: RenderedRecipe): WorkflowInput {
  const template = request.uploadedTemplate ?? (isTemplate ? request.text : undefined);
  if (template === undefined || template.length > longestTemplate) return workflow;
  const given = new Map([...assignments(request.set, '--set'), ...assignments(request.setString, '--set-string')]);
  const values = [...given].map(([name, value]) => ({ name, value }));
  // For the record only: values that the record has no room for are left out.
  const fits = values.length <= 512 && values.every(({ name, value }) => name.length <= 256 && value.length <= 4096);
  const source = { template, ...(values.length > 0 && fits && { values }) };
  return { ...workflow, spec: { ...workflow.spec, source } };
}
