import { describe, expect, test } from '@jest/globals';
import type { TaskSpec, TaskStatus } from '@osmo/crds';
import { at } from '../testing/pods.ts';
import { newTask } from '../testing/tasks.ts';
import { afterAttempt } from './attempt-end.ts';
import { pauseSeconds } from './backoff.ts';
import { exitActionFor } from './exit-actions.ts';
import { isInfrastructure } from './infrastructure.ts';
import type { Verdict } from './verdict.ts';

describe('exitActionFor', () => {
  const rules = [
    { action: 'Reschedule', exitCodes: '7,10-20' },
    { action: 'Complete', exitCodes: '15-30,3001' },
    { action: 'Fail', exitCodes: '0,9-8' },
  ] as const;
  test.each([
    [7, 'Reschedule'],
    [10, 'Reschedule'],
    [15, 'Reschedule'],
    [20, 'Reschedule'],
    [21, 'Complete'],
    [3001, 'Complete'],
    [0, 'Fail'],
    [8, undefined],
    [9, undefined],
    [31, undefined],
    [1, undefined],
  ])('code %i: %s', (code, want) => expect(exitActionFor([...rules], code)).toBe(want));

  test('without rules, or without a code, there is none', () => {
    expect(exitActionFor(undefined, 1)).toBeUndefined();
    expect(exitActionFor([...rules], undefined)).toBeUndefined();
  });
});

describe('isInfrastructure', () => {
  test.each<[string, string | undefined, boolean]>([
    ['Preempted', 'preempted by the scheduler', true],
    ['BackendError', 'disrupted', true],
    ['ImagePull', 'container t: ErrImagePull', true],
    ['StartTimeout', 'volumes and network were not ready', true],
    ['Evicted', 'Evicted: The node was low on resource: ephemeral-storage. Threshold quantity: 1, available: 0.', true],
    ['Evicted', 'Evicted: Pod was rejected: The node had condition: [DiskPressure].', true],
    ['Evicted', 'Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 16Mi.', false],
    ['Evicted', 'Evicted: Container t exceeded its local ephemeral storage limit "16Mi".', false],
    ['Evicted', 'Evicted: Usage of EmptyDir volume "x" exceeds the limit "1Gi".', false],
    ['OOMKilled', 'container t exited with code 137 (OOMKilled)', false],
    ['Error', 'container t exited with code 1: context canceled', false],
    ['StartError', 'exec: "nope": executable file not found in $PATH', false],
    ['StartError', 'failed to create containerd task: failed to create shim task: context canceled', true],
    ['StartError', 'failed to start: rpc error: code = Unavailable desc = transport is closing', true],
    ['CreateError', 'container t: CreateContainerError: name "t_pod_ns_uid_0" is reserved for "abc"', true],
    ['CreateError', 'container t: CreateContainerError: context deadline exceeded', true],
    ['CreateError', 'container t: InvalidImageName: couldn’t parse image name', false],
    ['PeerFailed', undefined, false],
  ])('%s, %s: %s', (reason, message, want) =>
    expect(isInfrastructure({ reason, ...(message === undefined ? {} : { message }) })).toBe(want),
  );
});

describe('pauseSeconds', () => {
  test.each([
    ['nothing set, the command', undefined, 'User', [0, 0, 0]],
    ['nothing set, the cluster', undefined, 'Infrastructure', [0, 10, 20, 40, 80, 160, 300, 300]],
    ['a base', { backoffSeconds: 5 }, 'User', [5, 10, 20, 40, 80, 160, 320, 600, 600]],
    ['a base for the cluster too', { backoffSeconds: 5 }, 'Infrastructure', [5, 10, 20]],
    ['a base and a limit', { backoffSeconds: 5, maxBackoffSeconds: 12 }, 'User', [5, 10, 12, 12]],
    ['no pause', { backoffSeconds: 0 }, 'Infrastructure', [0, 0, 0]],
  ] as const)('%s', (_, policy, cause, want) =>
    expect(want.map((__, index) => pauseSeconds(policy, cause, index + 1))).toEqual(want),
  );
  test('it stays a number for as many retries as there can be', () => {
    expect(pauseSeconds({ backoffSeconds: 0 }, 'User', 2000)).toBe(0);
    expect(pauseSeconds({ backoffSeconds: 86_400, maxBackoffSeconds: 86_400 }, 'User', 2000)).toBe(86_400);
  });
});

describe('afterAttempt', () => {
  const times = { completion: at(20) };
  const completed: Verdict = { phase: 'Completed', exitCode: 0, times };
  const error: Verdict = {
    phase: 'Failed',
    reason: 'Error',
    exitCode: 3,
    message: 'container t exited with code 3',
    times,
  };
  const lost: Verdict = { phase: 'Failed', reason: 'BackendError', exitCode: 3001, message: 'gone', times };
  const retries = (user: number, infrastructure: number) => ({ user, infrastructure, peer: 9 });
  const decide = (verdict: Verdict, spec: Partial<TaskSpec>, used = retries(0, 0)) => {
    const status: TaskStatus = { phase: 'Running', attempt: 5, conditions: [], retries: used };
    const after = afterAttempt(newTask({ spec, status }), verdict);
    if (after.kind === 'again') return `again ${after.again.cause} in ${after.again.pauseSeconds}`;
    const { phase, reason, exitCode, message } = after.verdict;
    return [phase, reason, exitCode, message].filter((part) => part !== undefined).join(' ');
  };
  const reschedule = [{ action: 'Reschedule', exitCodes: '3,0,3001' }] as const;
  const policy = (maxRetries?: number, maxInfrastructureRetries?: number) => ({
    retryPolicy: {
      ...(maxRetries === undefined ? {} : { maxRetries }),
      ...(maxInfrastructureRetries === undefined ? {} : { maxInfrastructureRetries }),
    },
  });

  test.each<[string, Verdict, Partial<TaskSpec>, string, ReturnType<typeof retries>?]>([
    ['success', completed, {}, 'Completed 0'],
    ['failure', error, {}, 'Failed Error 3 container t exited with code 3'],
    ['failure, retries asked for', error, policy(1), 'again User in 0'],
    [
      'failure, retries used',
      error,
      policy(2),
      'Failed Error 3 container t exited with code 3: 2 of 2 retries are used',
      retries(2, 0),
    ],
    ['failure, none allowed', error, policy(0), 'Failed Error 3 container t exited with code 3'],
    ['the cluster: tried again by default', lost, {}, 'again Infrastructure in 0'],
    ['the cluster, the third time', lost, {}, 'again Infrastructure in 20', retries(0, 2)],
    [
      'the cluster, too often',
      lost,
      {},
      'Failed BackendError 3001 gone: 3 of 3 retries for what the cluster does are used',
      retries(0, 3),
    ],
    ['the cluster has a budget of its own', lost, policy(0), 'again Infrastructure in 20', retries(2, 0)],
    ['the command has a budget of its own', error, policy(1), 'again User in 0', retries(0, 3)],
    ['no retries for the cluster', lost, policy(undefined, 0), 'Failed BackendError 3001 gone'],
    [
      'an action completes',
      error,
      { exitActions: [{ action: 'Complete', exitCodes: '1-5' }] },
      'Completed 3 exit action Complete for code 3: container t exited with code 3',
    ],
    [
      'an action that completes a success says nothing',
      completed,
      { exitActions: [{ action: 'Complete', exitCodes: '0' }] },
      'Completed 0',
    ],
    [
      'an action fails a success',
      completed,
      { exitActions: [{ action: 'Fail', exitCodes: '0' }] },
      'Failed Error 0 exit action Fail for code 0',
    ],
    [
      'an action fails what would be retried',
      lost,
      { exitActions: [{ action: 'Fail', exitCodes: '3001' }], ...policy(5) },
      'Failed BackendError 3001 exit action Fail for code 3001: gone',
    ],
    [
      'an action reschedules: three times by default',
      error,
      { exitActions: [...reschedule] },
      'again User in 0',
      retries(2, 0),
    ],
    [
      'but not more often',
      error,
      { exitActions: [...reschedule] },
      'Failed Error 3 container t exited with code 3: 3 of 3 retries are used',
      retries(3, 0),
    ],
    ['an action reschedules a success', completed, { exitActions: [...reschedule] }, 'again User in 0'],
    [
      'a success that was rescheduled too often fails',
      completed,
      { exitActions: [...reschedule], ...policy(1) },
      'Failed Error 0 1 of 1 retries are used',
      retries(1, 0),
    ],
    [
      "an action for the cluster's code uses the task's budget",
      lost,
      { exitActions: [...reschedule] },
      'again User in 0',
    ],
  ])('%s', (...[, verdict, spec, want, used]) => expect(decide(verdict, spec, used)).toBe(want));
});
