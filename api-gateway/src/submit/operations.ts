import {
  describeProblem,
  type Pool,
  validateWorkflow,
  type Workflow,
  type WorkflowInput,
  type WorkflowSpecInput,
} from '@osmo/crds';
import {
  describeRecipeProblem,
  type RecipeProblem,
  type RecipeReader,
  RecipeReaderBusy,
  type RecipeRequest,
} from '@osmo/workflow-spec';
import type { Dependencies } from '../dependencies.ts';
import { type Marks, repeatedMarks } from '../apps/marks.ts';
import { originMarks } from '../apps/origin.ts';
import { baseUrlOf } from '../http/base-url.ts';
import { badRequest, type ErrorCode, RequestError } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import { poolStatus } from '../pools/view.ts';
import { ownBucket } from '../profile/own-bucket.ts';
import { submitted } from '../workflows/change-operations.ts';
import { dashboardsOf } from '../workflows/dashboards.ts';
import { idOf } from '../workflows/ids.ts';
import { readWholeWorkflow } from '../workflows/read.ts';
import { answers } from '../workflows/schemas.ts';
import { adjusted } from './adjust.ts';
import { usableCredentials } from '../credentials/entries.ts';
import { mayNeedCredentials, secretLookup, withSecretNames } from './credentials.ts';
import { probeKeys } from '../credentials/probe-keys.ts';
import { credentialWarnings, type ProbeKeys } from './data-credentials.ts';
import { createWorkflow } from './create.ts';
import { inBucket } from './in-bucket.ts';
import { baseName, withoutNumber } from './name.ts';
import { furtherLines, refusedFields } from './further-lines.ts';
import { Numbers } from './numbers.ts';
import { asCredentialError, asSubmissionError, codeOfProblems, type Locate, warningsInRecipe } from './refusal.ts';

/** Reads recipes within bounds of time and memory: a recipe is a program of somebody else. */
export type Recipes = Pick<RecipeReader, 'read' | 'render'>;

const texts = { type: 'array', items: { type: 'string', maxLength: 65_536 }, maxItems: 512 };
const recipeSchema = {
  type: 'object',
  properties: {
    file: { type: 'string', description: 'The recipe: YAML, or a template of it.' },
    set_variables: { ...texts, description: 'KEY=VALUE; numbers are numbers.' },
    set_string_variables: { ...texts, description: 'KEY=VALUE; texts.' },
    uploaded_templated_spec: { type: ['string', 'null'], description: 'The template that file was rendered from.' },
  },
  required: ['file'],
};
interface RecipeBody {
  file: string;
  set_variables?: string[];
  set_string_variables?: string[];
  uploaded_templated_spec?: string | null;
}

const parameters = {
  dry_run: { type: 'boolean', description: 'Only render the recipe.' },
  validation_only: { type: 'boolean', description: 'Check everything and submit nothing.' },
  workflow_id: { type: 'text', description: 'Submit the spec of this workflow once more; without a body.' },
  priority: { type: 'text', description: 'Priority, whatever the recipe says.', enum: ['HIGH', 'NORMAL', 'LOW'] },
  label: { type: 'texts', description: 'KEY=VALUE; wins over the recipe.' },
  env_vars: { type: 'texts', description: 'KEY=VALUE for every task; wins over the recipe.', maxLength: 65_536 },
  app_uuid: { type: 'text', description: 'The app that the recipe is of, for the record.' },
  app_version: { type: 'integer', description: 'Its version; the newest when not given.', minimum: 1 },
  pool_is_default: {
    type: 'boolean',
    description: 'The pool of the path is only for a recipe that names none; else it wins over the recipe.',
  },
  namespace: { type: 'text', description: 'Where to; the default namespace when not given.', maxLength: 63 },
} as const;

/** Submitting recipes, and workflows once more, in the name of the caller. */
export function submitOperations(dependencies: Dependencies, recipes: Recipes): Operation[] {
  const { caches, access, clock, defaultNamespace } = dependencies;
  const numbers = new Numbers(clock);
  return [
    operation({
      id: 'submitWorkflow',
      action: 'workflow:Create',
      method: 'post',
      path: '/api/pool/{pool}/workflow',
      tag: 'Workflows',
      summary: 'Submits a recipe, or a workflow once more',
      parameters,
      body: { schema: recipeSchema, required: false },
      answer: { description: 'What was submitted, or the rendered recipe.', schema: answers.submitted },
      async handle({ caller, params, query, body, headers, signal }) {
        await access.demand(caller, { verb: 'list', resource: 'pools' });
        const taking = (name: string): string => takingPool(caches.pools.get(undefined, name), name);
        const named = params['pool'] ?? '';
        const client = dependencies.as(caller);
        const { priority, label: labels, env_vars: setEnv } = query;
        const namespace = query.namespace ?? defaultNamespace;
        // Of what is archived too: an id that comes again would show the logs of another.
        const names = () => [
          ...caches.workflows.list(namespace).map(({ metadata }) => metadata.name),
          ...(dependencies.archive?.names(namespace) ?? []),
        ];
        const credentialsFor = async (spec: WorkflowSpecInput) =>
          mayNeedCredentials(spec) ? await usableCredentials(dependencies.own, namespace, caller.user, signal) : [];
        const own = ownBucket(caches, caller, namespace)?.name;
        const lookup = secretLookup(dependencies.own, namespace, signal);
        const tried = (spec: WorkflowSpecInput): Promise<unknown> => {
          const wanted = { base: 'workflow', namespace, spec, submittedBy: caller.user, dryRun: true };
          return createWorkflow(client, wanted, numbers, names, signal);
        };
        let source: Source;
        if (query.workflow_id !== undefined) {
          const known = await readWholeWorkflow(dependencies, caller, query.workflow_id, signal);
          const spec = adjusted(asSubmitted(known), { pool: taking(named), priority, labels, variables: setEnv });
          const base = withoutNumber(known.metadata.name);
          // A recipe is checked where it is read.
          const problems = validateWorkflow({ ...head, metadata: { name: `${base}-1` }, spec }).map(describeProblem);
          if (problems.length > 0) throw wrong(problems);
          source = {
            base,
            spec,
            warnings: [],
            marks: repeatedMarks(known, namespace),
          };
        } else {
          const pool = query.pool_is_default === true ? {} : { pool: taking(named) };
          const request = recipeOf(body as RecipeBody | undefined, { ...pool, labels, setEnv, priority });
          if (query.dry_run === true) {
            const rendered = await unlessBusy(recipes.render(request));
            if ('problems' in rendered) throw wrong(rendered.problems.map(describeRecipeProblem));
            const { document: spec, warnings } = rendered;
            return { json: { name: '', overview: null, logs: null, spec, dashboard_url: null, warnings } };
          }
          const marks = await originMarks(dependencies, caller, query, namespace);
          const locate = locatorOf(recipes, request);
          const { spec, ...read } = await readSource(recipes, request, (draft, problems) =>
            furtherLines(draft, problems, {
              poolOf: (of) => taking(of.pool ?? named),
              named: async (of) => withSecretNames(inBucket(of, own), await credentialsFor(of), lookup),
              tried,
              locate,
            }),
          );
          // What is submitted once more says where its data is already.
          const placed = { ...inBucket(spec, own), pool: taking(spec.pool ?? named) };
          source = { ...read, spec: placed, marks, locate };
        }
        const { base, marks } = source;
        const entries = await credentialsFor(source.spec);
        const { spec, problems } = await withSecretNames(source.spec, entries, lookup);
        if (problems.length > 0)
          throw await asCredentialError(problems, await refusedFields(spec, { tried }), source.locate);
        const dryRun = query.validation_only === true;
        const wanted = { base, namespace, spec, submittedBy: caller.user, marks, dryRun };
        const { workflow: created, ...made } = await createWorkflow(client, wanted, numbers, names, signal).catch(
          async (error: unknown) => {
            throw await asSubmissionError(error, source.locate);
          },
        );
        const buckets = caches.buckets.list(namespace);
        const { outgoing, credentialSwitches: switches } = dependencies;
        const probe: ProbeKeys = (trial, until) => probeKeys(trial, { outgoing, switches }, until);
        const keys = await credentialWarnings(client, namespace, { spec, buckets, entries }, probe, signal);
        const told = await warningsInRecipe(made.warnings, source.locate);
        const warnings = [...source.warnings, ...told, ...keys];
        if (dryRun) {
          const logs = 'Workflow validation succeeded.';
          return { json: { name: '', overview: null, logs, spec: null, dashboard_url: null, warnings } };
        }
        const id = idOf(created.metadata, defaultNamespace);
        const baseUrl = baseUrlOf(headers, dependencies.publicUrl, dependencies.overTls);
        return {
          json: { ...submitted(created, { id, baseUrl, dashboards: dashboardsOf(spec.pool, caches) }), warnings },
          ...(created.spec.priority === 'Low' && { warning: preemptible }),
        };
      },
    }),
  ];
}

const preemptible =
  'priority LOW: tasks may be taken off their nodes for work of a higher priority, and are run again where the pool allows it';

const head = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow' } as const;

interface Source {
  base: string;
  spec: WorkflowSpecInput;
  warnings: readonly string[];
  marks: Marks;
  /** Where fields of the spec are in the recipe, if there is one. */
  locate?: Locate;
}

/** @throws RequestError 400 when there is no recipe */
function recipeOf(
  body: RecipeBody | undefined,
  beside: { pool?: string; labels: readonly string[]; setEnv: readonly string[]; priority: string | undefined },
): RecipeRequest {
  if (body === undefined) throw badRequest('the request needs a recipe in its body, or workflow_id');
  const {
    file,
    set_variables: set = [],
    set_string_variables: setString = [],
    uploaded_templated_spec: template,
  } = body;
  const { priority, ...rest } = beside;
  return {
    text: file,
    set,
    setString,
    ...rest,
    ...(priority !== undefined && { priority: priority as 'HIGH' | 'NORMAL' | 'LOW' }),
    ...(typeof template === 'string' && { uploadedTemplate: template }),
  };
}

async function readSource(
  recipes: Recipes,
  request: RecipeRequest,
  furtherOf: (draft: WorkflowInput | undefined, problems: readonly RecipeProblem[]) => Promise<string[]>,
): Promise<Pick<Source, 'base' | 'spec' | 'warnings'>> {
  const read = await unlessBusy(recipes.read({ ...request, draft: true }));
  if ('problems' in read) {
    const further = await furtherOf(read.draft, read.problems);
    const code = further.length === 0 ? codeOfProblems(read.problems) : 'USAGE';
    throw wrong([...read.problems.map(describeRecipeProblem), ...further], code);
  }
  const { workflow, warnings } = read;
  return { base: baseName(workflow.metadata.name), spec: workflow.spec, warnings };
}

/** The recipe is read once more for that: places are kept for none that is right. What can't be read now has no places. */
function locatorOf(recipes: Recipes, request: RecipeRequest): Locate {
  return async (locate) => {
    const read = await recipes.read({ ...request, locate }).catch(() => undefined);
    return read?.places ?? {};
  };
}

async function unlessBusy<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof RecipeReaderBusy)) throw error;
    const message = `${error.message}; try again in a moment`;
    throw new RequestError(429, 'SERVER', message, { headers: { 'retry-after': '1' } });
  }
}

/** What somebody else's run may repeat of a workflow: what it is, not what was done about it. What an app said is filled in already. */
function asSubmitted({ spec }: Workflow): WorkflowSpecInput {
  const { cancel: _cancel, suspend: _suspend, restart: _restart, app: _app, ...rest } = spec;
  return rest;
}

/** @throws RequestError 400 for a pool that isn't there or takes no work */
function takingPool(pool: Pool | undefined, name: string): string {
  if (pool === undefined)
    throw badRequest(
      `pool ${JSON.stringify(name.slice(0, 63))}: there is no such pool; "osmo pool list" (GET /api/pool) lists them`,
    );
  if (poolStatus(pool) !== 'MAINTENANCE') return pool.metadata.name;
  throw new RequestError(
    400,
    'USER',
    `pool ${name} is in maintenance and takes no work now; try again later, or another pool`,
  );
}

function wrong(problems: readonly string[], code: ErrorCode = 'USAGE'): RequestError {
  const most = 50;
  const more = problems.length > most ? [`and ${problems.length - most} more`] : [];
  return new RequestError(400, code, [...problems.slice(0, most), ...more].join('\n'));
}
