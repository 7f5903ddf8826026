import type { Task } from '@osmo/crds';
import type { ModelGroup, ModelTask, ModelWorkflow } from './arbitrary.ts';
import type { Outcome } from './scripts.ts';

/*
 * What must come out, written from the design's page alone and with nothing of the product: slow, plain, and without any
 * idea of pods, caches or crashes.
 */

export interface End {
  phase: 'Completed' | 'Failed';
  reason?: string;
}

const infrastructure: Readonly<Record<string, { reason: string; code: number }>> = {
  evicted: { reason: 'Evicted', code: 3004 },
  preempted: { reason: 'Preempted', code: 3006 },
  nodeLost: { reason: 'BackendError', code: 3001 },
  imagePull: { reason: 'ImagePull', code: 302 },
};

function factsOf(outcome: Outcome): { reason?: string; code: number; cluster: boolean } {
  if (outcome.kind === 'exit')
    return { code: outcome.code, cluster: false, ...(outcome.code !== 0 && { reason: 'Error' }) };
  if (outcome.kind === 'oom') return { code: 3004, reason: 'OOMKilled', cluster: false };
  const known = infrastructure[outcome.kind];
  if (known === undefined) throw new Error(`no facts of ${outcome.kind}`);
  return { ...known, cluster: true };
}

function matches(codes: string, code: number): boolean {
  return codes.split(',').some((part) => {
    const [low = '', high = low] = part.split('-');
    return Number(low) <= code && code <= Number(high);
  });
}

/** How a task ends that nobody interferes with. */
export function endOfTask(task: ModelTask, run: number): End {
  const script = run === 0 ? task.script : task.again;
  const budget = {
    user: task.retryPolicy?.maxRetries,
    cluster: task.retryPolicy?.maxInfrastructureRetries ?? 3,
  };
  let user = 0;
  let cluster = 0;
  for (;;) {
    const outcome = script[Math.min(user + cluster, script.length - 1)] ?? { kind: 'exit' as const, code: 0 };
    if (outcome.kind === 'forever') return { phase: 'Failed', reason: 'ExecTimeout' };
    const { reason, code, cluster: isCluster } = factsOf(outcome);
    const action = task.exitActions?.find(({ exitCodes }) => matches(exitCodes, code))?.action;
    if (action === 'Complete') return { phase: 'Completed' };
    const failed: End = { phase: 'Failed', reason: reason ?? 'Error' };
    if (action === 'Fail') return failed;
    if (action === 'Reschedule') {
      if (user >= (budget.user ?? 3)) return failed;
      user += 1;
    } else if (reason === undefined) return { phase: 'Completed' };
    else if (isCluster) {
      if (cluster >= budget.cluster) return failed;
      cluster += 1;
    } else {
      if (user >= (budget.user ?? 0)) return failed;
      user += 1;
    }
  }
}

/** The ends of a group that are right; more than one where it depends on who is first. */
export function endsOfGroup(group: ModelGroup, run: number): End['phase'][] {
  const ends = group.tasks.map((task) => endOfTask(task, run).phase);
  const [lead = 'Completed'] = ends;
  if (group.tasks.length === 1) return [lead];
  const someFails = ends.includes('Failed');
  if (someFails) return [...new Set<End['phase']>([lead, 'Failed'])];
  return [lead];
}

/** What the Tasks of a group amount to. */
export function outcomeOfGroup(group: ModelGroup, tasks: readonly Task[]): 'Completed' | 'Failed' | 'Open' {
  if (tasks.length < group.tasks.length) return 'Open';
  if (tasks.some(({ status }) => status?.phase !== 'Completed' && status?.phase !== 'Failed')) return 'Open';
  if (tasks.some(({ status }) => status?.phase === 'Failed' && status.reason === 'Preempted')) return 'Failed';
  const considered =
    group.tasks.length > 1 && group.ignoreNonleadStatus ? tasks.filter(({ spec }) => spec.lead) : tasks;
  return considered.some(({ status }) => status?.phase === 'Failed') ? 'Failed' : 'Completed';
}

/** What the groups amount to, with what never ran because something it needs failed. */
export function outcomesOfWorkflow(
  { groups }: ModelWorkflow,
  tasksOf: (group: ModelGroup) => readonly Task[],
): Map<string, 'Completed' | 'Failed' | 'Open' | 'Upstream'> {
  const outcomes = new Map<string, 'Completed' | 'Failed' | 'Open' | 'Upstream'>();
  for (const group of groups) {
    const upstream = group.needs.map((need) =>
      outcomes.get(groups.find(({ tasks }) => tasks[0]?.name === need)?.name ?? ''),
    );
    const blocked = upstream.some((outcome) => outcome === 'Failed' || outcome === 'Upstream');
    outcomes.set(group.name, blocked ? 'Upstream' : outcomeOfGroup(group, tasksOf(group)));
  }
  return outcomes;
}
