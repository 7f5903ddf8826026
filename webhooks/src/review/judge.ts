import { validateWorkflow, type Workflow } from '@osmo/crds';
import {
  admitWorkflow,
  type AdmissionAnswer,
  type AdmissionData,
  type AdmissionWorld,
} from '@osmo/workflow-spec/admission';
import { allowed, patched, refused } from './answers.ts';
import { named } from './named.ts';
import type { AdmissionRequest, AdmissionResponse } from './types.ts';

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
  // The schema hasn't been asked yet when defaults are: what it will refuse needs none.
  if (question === 'mutate' && validateWorkflow(named(object)).length > 0) return allowed(request);
  const answer = await answerOf(question, request, object as Workflow, surroundings);
  if (question === 'mutate') return patched(request, answer.defaults);
  return answer.problems.length > 0 ? refused(request, answer.problems) : allowed(request, answer.warnings);
}

/** Whether it is about a Workflow itself, not a part of one. */
export function isWorkflow({ kind, subResource }: AdmissionRequest): boolean {
  return kind.kind === 'Workflow' && kind.group === 'osmo.dev' && !subResource;
}

async function answerOf(
  question: Question,
  request: AdmissionRequest,
  workflow: Workflow,
  { pools, platforms, backends, ...lookups }: Surroundings,
): Promise<AdmissionAnswer> {
  const { username = '', groups } = request.userInfo;
  const namespace = request.namespace ?? workflow.metadata.namespace ?? '';
  const old = request.operation === 'UPDATE' ? (request.oldObject as Workflow | null) : null;
  const [defaultPool, credentials, data] = await Promise.all([
    lookups.defaultPool(namespace),
    namesCredentials(workflow) ? lookups.credentials(namespace) : undefined,
    // What can still be changed later names none.
    question === 'validate' && old === null ? lookups.data(namespace, workflow) : undefined,
  ]);
  return admitWorkflow(workflow, {
    pools,
    platforms,
    backends,
    ...(defaultPool !== undefined && { defaultPool }),
    ...(credentials !== undefined && { credentials }),
    ...(data !== undefined && { data }),
    ...(old !== null && { old }),
    user: { name: username, ...(groups !== undefined && { groups }) },
  });
}

function namesCredentials({ spec }: Workflow): boolean {
  const tasks = [...(spec.tasks ?? []), ...(spec.groups ?? []).flatMap((group) => group.tasks)];
  return tasks.some((task) => (task.credentials ?? []).length > 0);
}
