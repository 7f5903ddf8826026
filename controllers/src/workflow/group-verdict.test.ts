import { expect, test } from '@jest/globals';
import { TaskReasons, upstreamGroupStatus, upstreamTaskStatus, upstreamWorkflowStatus } from '@osmo/crds';
import type { TaskPhase, UpstreamStatus } from '@osmo/crds';
import fc from 'fast-check';
import { emptyTally, groupReason, groupVerdict, tally, workflowReason } from './group-verdict.ts';

const reasons = [
  TaskReasons.error,
  TaskReasons.canceled,
  TaskReasons.execTimeout,
  TaskReasons.queueTimeout,
  TaskReasons.preempted,
  TaskReasons.evicted,
  TaskReasons.oomKilled,
  TaskReasons.imagePull,
  TaskReasons.backendError,
  TaskReasons.peerFailed,
];
const end = fc.record({ reason: fc.option(fc.constantFrom(...reasons), { nil: undefined }), lead: fc.boolean() });
const phaseOf = (reason: string | undefined): TaskPhase => (reason === undefined ? 'Completed' : 'Failed');
const status = (phase: TaskPhase, reason?: string) => ({
  status: { conditions: [], attempt: 0, phase, ...(reason !== undefined && { reason }) },
});

test('a group ends as upstream says it does, and its reason is the word for that', () => {
  fc.assert(
    fc.property(fc.array(end, { minLength: 1, maxLength: 5 }), fc.boolean(), (others, ignore) => {
      const tasks = others.map((task, index) => ({ ...task, lead: index === 0 }));
      const group = emptyTally();
      for (const { reason, lead } of tasks) {
        tally(group, { phase: phaseOf(reason), ...(reason && { reason }) }, ignore && !lead, 1);
      }
      const want = upstreamGroupStatus(
        tasks.map(({ reason, lead }) => ({ status: upstreamTaskStatus(status(phaseOf(reason), reason)), lead })),
        ignore,
      );
      const verdict = groupVerdict(group, tasks.length);
      const got =
        verdict === 'Failed' ? { phase: verdict, reason: groupReason(group) } : { phase: 'Completed' as const };
      expect(upstreamWorkflowStatus({ status: { conditions: [], ...got } })).toBe(want);
    }),
    { numRuns: 1000 },
  );
});

/** Upstream's rule for a workflow, on upstream's words. */
function upstreamOf(groups: readonly UpstreamStatus[]): UpstreamStatus {
  const above: readonly UpstreamStatus[] = [
    'FAILED_CANCELED',
    'FAILED_SERVER_ERROR',
    'FAILED_EXEC_TIMEOUT',
    'FAILED_QUEUE_TIMEOUT',
  ];
  const [first] = groups;
  return (
    above.find((word) => groups.includes(word)) ??
    (first !== undefined && groups.every((word) => word === first) ? first : 'FAILED')
  );
}

test('a workflow fails as upstream says it does, from the reasons of its failed groups', () => {
  const word = (reason: string): UpstreamStatus =>
    upstreamWorkflowStatus({ status: { conditions: [], phase: 'Failed', reason } });
  const failures = fc.uniqueArray(fc.constantFrom(...reasons, TaskReasons.refused, 'Failed'), { minLength: 1 });
  fc.assert(
    fc.property(failures, (groups) => {
      expect(word(workflowReason(groups))).toBe(upstreamOf(groups.map(word)));
    }),
    { numRuns: 1000 },
  );
});

test('a group that a cancellation left incomplete has failed, once the others have ended', () => {
  const group = emptyTally();
  expect(groupVerdict(group, 2, 1)).toBeUndefined();
  tally(group, { phase: 'Completed' }, false, 1);
  expect(groupVerdict(group, 2, 1)).toBe('Failed');
  expect(groupVerdict(group, 2)).toBeUndefined();
});

test.each([
  [['Error', 'ImagePull'], 'Failed'],
  [['Error'], 'Error'],
  [['Evicted', 'OOMKilled'], 'Evicted'],
  [['OOMKilled'], 'OOMKilled'],
  [['Error', 'Canceled', 'ExecTimeout'], 'Canceled'],
  [['QueueTimeout', 'Error', 'ExecTimeout'], 'ExecTimeout'],
  [['Error', 'Refused', 'QueueTimeout'], 'Refused'],
])('failed groups %j make a workflow %s', (groups, want) => {
  expect(workflowReason(groups)).toBe(want);
});
