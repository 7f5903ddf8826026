import type { Workflow } from '@osmo/crds';
import {
  admitWorkflow,
  type AdmissionAnswer,
  type AdmissionData,
  type AdmissionWorld,
  poolDefault,
  poolOf,
} from '@osmo/workflow-spec/admission';
import { allowed, patched, refused } from './answers.ts';
import type { AdmissionRequest, AdmissionResponse, JsonPatchOperation } from './types.ts';

/** What the rules need to know about the world, as it is now. */
export interface Surroundings {
  readonly pools: AdmissionWorld['pools'];
  readonly platforms: AdmissionWorld['platforms'];
  readonly backends: NonNullable<AdmissionWorld['backends']>;
  /** Pool of the workflows of a namespace that name none. */
  defaultPool(namespace: string): Promise<string | undefined>;
  /** Types of the credentials of a namespace by name; undefined when they can't be known. */
  credentials(namespace: string): Promise<ReadonlyMap<string, string> | undefined>;
  /** The data of a namespace that a workflow names; undefined when it names none, or when that can't be known. */
  data(namespace: string, workflow: Workflow): Promise<AdmissionData | undefined>;
}

/** What is to be found out: whether an object may be stored, or what it lacks. */
export type Question = 'validate' | 'mutate';

/**
 * Answers the apiserver's question about one object. What is none of ours is allowed, whatever it is: a configuration that
 * asks too much must not stop a cluster.
 */
export async function judge(
  question: Question,
  request: AdmissionRequest,
  surroundings: Surroundings,
): Promise<AdmissionResponse> {
  const { object, operation } = request;
  const isWritten = operation === 'CREATE' || operation === 'UPDATE';
  if (!isWorkflow(request) || !isWritten || object === undefined || object === null) return allowed(request);
  const workflow = object as Workflow;
  if (question === 'mutate') return patched(request, await defaultsFor(request, workflow, surroundings));
  const answer = await answerOf(request, workflow, surroundings);
  return answer.problems.length > 0 ? refused(request, answer.problems) : allowed(request, answer.warnings);
}

/** Whether it is about a Workflow itself, not a part of one. */
export function isWorkflow({ kind, subResource }: AdmissionRequest): boolean {
  return kind.kind === 'Workflow' && kind.group === 'osmo.dev' && !subResource;
}

/** What an object lacks about which the schema hasn't been asked yet: it may be anything. */
async function defaultsFor(
  request: AdmissionRequest,
  workflow: Workflow,
  lookups: Pick<Surroundings, 'defaultPool'>,
): Promise<JsonPatchOperation[]> {
  const spec = workflow.spec as unknown;
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) return [];
  const { pool } = spec as Record<string, unknown>;
  if (pool !== undefined && typeof pool !== 'string') return [];
  const defaultPool = await lookups.defaultPool(namespaceOf(request, workflow));
  if (defaultPool === undefined) return [];
  const old = oldOf(request);
  return poolDefault(workflow, poolOf(workflow, { defaultPool, ...(old !== undefined && { old }) }));
}

const namespaceOf = (request: AdmissionRequest, { metadata }: Workflow): string =>
  request.namespace ?? metadata.namespace ?? '';
const oldOf = ({ operation, oldObject }: AdmissionRequest): Workflow | undefined =>
  operation === 'UPDATE' ? ((oldObject as Workflow | null | undefined) ?? undefined) : undefined;

async function answerOf(
  request: AdmissionRequest,
  workflow: Workflow,
  { pools, platforms, backends, ...lookups }: Surroundings,
): Promise<AdmissionAnswer> {
  const { username = '', groups } = request.userInfo;
  const namespace = namespaceOf(request, workflow);
  const old = oldOf(request);
  const [defaultPool, credentials, data] = await Promise.all([
    lookups.defaultPool(namespace),
    namesCredentials(workflow) ? lookups.credentials(namespace) : undefined,
    // What can still be changed later names none.
    old === undefined ? lookups.data(namespace, workflow) : undefined,
  ]);
  return admitWorkflow(workflow, {
    pools,
    platforms,
    backends,
    ...(defaultPool !== undefined && { defaultPool }),
    ...(credentials !== undefined && { credentials }),
    ...(data !== undefined && { data }),
    ...(old !== undefined && { old }),
    user: { name: username, ...(groups !== undefined && { groups }) },
  });
}

function namesCredentials({ spec }: Workflow): boolean {
  const tasks = [...(spec.tasks ?? []), ...(spec.groups ?? []).flatMap((group) => group.tasks)];
  return tasks.some((task) => (task.credentials ?? []).length > 0);
}
