import { describe, expect, test } from '@jest/globals';
import type { PoolSpec, TaskTemplate } from '@osmo/crds';
import { pool, template } from '../testing/objects.ts';
import { compileGraph } from '@osmo/workflow-spec/graph';
import { endPolicyOf, type EndPolicy } from './policies.ts';

type Own = Pick<TaskTemplate, 'exitActions' | 'retryPolicy'>;
const again = { action: 'Reschedule', exitCodes: '75' } as const;

describe('what happens when an attempt ends', () => {
  test.each<[string, { own: Own; usual?: Partial<PoolSpec>; want: EndPolicy }]>([
    [
      'nobody says anything: only the cluster gets more chances',
      { own: {}, want: { retryPolicy: { maxInfrastructureRetries: 3, maxBackoffSeconds: 600 } } },
    ],
    [
      "the task's fields win over the pool's, one by one",
      {
        own: { retryPolicy: { maxRetries: 5, backoffSeconds: 0 } },
        usual: {
          retryPolicy: { maxRetries: 1, maxInfrastructureRetries: 9, backoffSeconds: 4, maxBackoffSeconds: 40 },
        },
        want: {
          retryPolicy: { maxRetries: 5, maxInfrastructureRetries: 9, backoffSeconds: 0, maxBackoffSeconds: 40 },
        },
      },
    ],
    [
      "a pool's number of retries holds where the task says none",
      {
        own: {},
        usual: { retryPolicy: { maxRetries: 7 } },
        want: { retryPolicy: { maxRetries: 7, maxInfrastructureRetries: 3, maxBackoffSeconds: 600 } },
      },
    ],
    [
      'an exit action of the task comes before those of the pool',
      {
        own: { exitActions: [again] },
        usual: { retryPolicy: { maxRetries: 7 }, defaultExitActions: [{ action: 'Complete', exitCodes: '3' }] },
        want: {
          exitActions: [again, { action: 'Complete', exitCodes: '3' }],
          retryPolicy: { maxRetries: 7, maxInfrastructureRetries: 3, maxBackoffSeconds: 600 },
        },
      },
    ],
    [
      'an exit action alone sets no number, which would retry every other failure too',
      {
        own: {},
        usual: { defaultExitActions: [again] },
        want: {
          exitActions: [again],
          retryPolicy: { maxInfrastructureRetries: 3, maxBackoffSeconds: 600 },
        },
      },
    ],
    [
      'a task that sets the number retries any failure beside its exit actions',
      {
        own: { exitActions: [again], retryPolicy: { maxRetries: 2 } },
        want: {
          exitActions: [again],
          retryPolicy: { maxRetries: 2, maxInfrastructureRetries: 3, maxBackoffSeconds: 600 },
        },
      },
    ],
    [
      'a pause above the usual longest raises it',
      {
        own: { retryPolicy: { maxRetries: 1, backoffSeconds: 3600 } },
        want: {
          retryPolicy: { maxRetries: 1, maxInfrastructureRetries: 3, backoffSeconds: 3600, maxBackoffSeconds: 3600 },
        },
      },
    ],
  ])('%s', (_, { own, usual, want }) => {
    expect(endPolicyOf(own, pool(usual))).toEqual(want);
  });
});

describe('what contradicts itself is refused', () => {
  const problems = (more: Partial<TaskTemplate>): string[] =>
    (compileGraph({ pool: 'default', priority: 'Normal', tasks: [template('a', more)] }).problems ?? []).map(
      ({ kind, path, value, detail }) => `${kind} ${path} ${value} ${detail}`,
    );

  test.each<[string, { more: Partial<TaskTemplate>; want: string[] }]>([
    [
      'a range from high to low',
      {
        more: { exitActions: [{ action: 'Fail', exitCodes: '1,20-10' }] },
        want: [
          'InvalidSpec spec.tasks[0].exitActions[0].exitCodes "1,20-10" the range 20-10 ends before it begins; write 10-20',
        ],
      },
    ],
    [
      'a code that no task ends with',
      {
        more: { exitActions: [{ action: 'Fail', exitCodes: '5000' }] },
        want: ['InvalidSpec spec.tasks[0].exitActions[0].exitCodes "5000" no task ends with 5000; allowed: 0 to 4000'],
      },
    ],
    [
      'a first pause above the longest',
      {
        more: { retryPolicy: { backoffSeconds: 60, maxBackoffSeconds: 30 } },
        want: [
          'InvalidSpec spec.tasks[0].retryPolicy.backoffSeconds 60 not allowed above maxBackoffSeconds, which is 30',
        ],
      },
    ],
    [
      'codes and ranges in order',
      { more: { exitActions: [{ action: 'Reschedule', exitCodes: '0,3001-3006,137' }] }, want: [] },
    ],
  ])('%s', (_, { more, want }) => {
    expect(problems(more)).toEqual(want);
  });
});
