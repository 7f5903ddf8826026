import { Annotations, ConditionTypes, type Quota, type QuotaReservation, type Workflow } from '@osmo/crds';
import { type Clock, findCondition } from '@osmo/kube';
import { claimsOf } from '@osmo/workflow-spec/admission';
import { unendedTasks } from '@osmo/workflow-spec/graph';
import { allowed } from '../review/answers.ts';
import type { AdmissionRequest, AdmissionResponse } from '../review/types.ts';
import type { UsageBook } from './reserve.ts';

export interface QuotaQuestion {
  readonly quotas: () => readonly Quota[];
  readonly book: Pick<UsageBook, 'reserve'>;
  readonly clock: Clock;
}

/**
 * Whether there is room for a workflow that nothing else speaks against: a new one, one that has ended and is to run again,
 * or one that runs and is to run again what has ended of it. Without a quota for its user or namespace nothing is read and nothing written.
 *
 * @throws UsageUnknownError, KubeError when it can't be known
 */
export async function askQuotas(
  request: AdmissionRequest,
  { quotas, book, clock }: QuotaQuestion,
): Promise<AdmissionResponse> {
  const workflow = request.object as Workflow;
  const started = startedBy(request, workflow);
  if (started === undefined) return allowed(request);
  const { username = '', groups = [] } = request.userInfo;
  const user = workflow.metadata.annotations?.[Annotations.submittedBy] ?? username;
  const namespace = request.namespace ?? workflow.metadata.namespace ?? '';
  const submission = { user, groups: user === username ? groups : [], namespace };
  const claims = claimsOf(submission, quotas());
  if (claims.length === 0) return allowed(request);
  const { name, uid = '' } = workflow.metadata;
  const reservation = { uid, workflow: `${namespace}/${name}`, ...started(), time: clock.now().toISOString() };
  if (reservation.restart !== undefined && reservation.tasks === 0) return allowed(request);
  const refusals = await book.reserve(claims, reservation, { dryRun: request.dryRun === true });
  return refusals.length === 0 ? allowed(request) : exceeded(request, refusals);
}

/** What the write sets going; undefined when it sets nothing going that hasn't counted before. */
function startedBy(
  { operation, oldObject }: AdmissionRequest,
  workflow: Workflow,
): (() => Pick<QuotaReservation, 'tasks' | 'restart'>) | undefined {
  if (operation === 'CREATE') return () => ({ tasks: unendedTasks({ spec: workflow.spec }) });
  const old = oldObject as Workflow | null | undefined;
  if (operation !== 'UPDATE' || old === null || old === undefined) return undefined;
  const { spec } = workflow;
  const { id } = spec.restart ?? {};
  if (id === undefined || id === old.spec.restart?.id || id === old.status?.restartID) return undefined;
  const again = (): number => unendedTasks({ ...old, spec });
  if (hasEnded(old)) return () => ({ tasks: again() });
  // While it runs it counts as it is: what is added are tasks that have ended.
  return () => ({ tasks: Math.max(0, again() - unendedTasks(old)), restart: id });
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
