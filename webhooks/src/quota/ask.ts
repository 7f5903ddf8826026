import { Annotations, ConditionTypes, type Quota, type Workflow } from '@osmo/crds';
import { type Clock, findCondition } from '@osmo/kube';
import { compileGraph } from '@osmo/workflow-spec/graph';
import { allowed } from '../review/answers.ts';
import type { AdmissionRequest, AdmissionResponse } from '../review/types.ts';
import { claimsOf } from './limits.ts';
import type { UsageBook } from './reserve.ts';

export interface QuotaQuestion {
  readonly quotas: () => readonly Quota[];
  readonly book: Pick<UsageBook, 'reserve'>;
  readonly clock: Clock;
}

/**
 * Whether there is room for a workflow that nothing else speaks against: a new one, or one that has ended and is to run
 * again. Without a quota for its user or namespace nothing is read and nothing written.
 *
 * @throws UsageUnknownError, KubeError when it can't be known
 */
export async function askQuotas(
  request: AdmissionRequest,
  { quotas, book, clock }: QuotaQuestion,
): Promise<AdmissionResponse> {
  const workflow = request.object as Workflow;
  const tasks = startedBy(request, workflow);
  if (tasks === undefined) return allowed(request);
  const { username = '', groups = [] } = request.userInfo;
  const user = workflow.metadata.annotations?.[Annotations.submittedBy] ?? username;
  const namespace = request.namespace ?? workflow.metadata.namespace ?? '';
  const submission = { user, groups: user === username ? groups : [], namespace };
  const claims = claimsOf(submission, quotas());
  if (claims.length === 0) return allowed(request);
  const { name, uid = '' } = workflow.metadata;
  const reservation = { uid, workflow: `${namespace}/${name}`, tasks: tasks(), time: clock.now().toISOString() };
  const refusals = await book.reserve(claims, reservation, { dryRun: request.dryRun === true });
  return refusals.length === 0 ? allowed(request) : exceeded(request, refusals);
}

/** How many tasks the write sets going; undefined when it sets none going that hasn't counted before. */
function startedBy({ operation, oldObject }: AdmissionRequest, workflow: Workflow): (() => number) | undefined {
  if (operation === 'CREATE') return () => compileGraph(workflow.spec).graph?.tasks.length ?? 0;
  const old = oldObject as Workflow | null | undefined;
  if (operation !== 'UPDATE' || old === null || old === undefined) return undefined;
  const { restart } = workflow.spec;
  // While it runs, its tasks count as it is.
  if (restart === undefined || restart.id === old.status?.restartID || !hasEnded(old)) return undefined;
  return () => {
    const { total, completed } = old.status?.taskCounts ?? { total: 0, completed: 0 };
    return restart.tasks === undefined ? total - completed : total;
  };
}

function hasEnded({ spec, status }: Workflow): boolean {
  if (spec.restart !== undefined && spec.restart.id !== status?.restartID) return false;
  const succeeded = findCondition(status?.conditions ?? [], ConditionTypes.succeeded);
  return succeeded?.status === 'True' || succeeded?.status === 'False';
}

/** In the words and with the status of Kubernetes' own quotas. */
function exceeded({ uid }: AdmissionRequest, refusals: readonly string[]): AdmissionResponse {
  const message = `exceeded quota: ${refusals.join('; and ')}`;
  return { uid, allowed: false, status: { code: 403, reason: 'Forbidden', message } };
}
