import { describe, expect, test } from '@jest/globals';
import { groupStatus, type StatusWord, taskStatus, workflowStatus } from './status-words.ts';

const status = (phase: string, reason?: string): never => ({ status: { phase, reason } }) as never;

test.each([
  ['Pending', undefined, 'PENDING'],
  ['Running', undefined, 'RUNNING'],
  ['Completed', 'Completed', 'COMPLETED'],
  ['Failed', 'Failed', 'FAILED'],
  ['Failed', 'Error', 'FAILED'],
  ['Failed', 'Canceled', 'FAILED_CANCELED'],
  ['Failed', 'ExecTimeout', 'FAILED_EXEC_TIMEOUT'],
  ['Failed', 'InvalidSpec', 'FAILED_SUBMISSION'],
  ['Failed', 'ResourceRule', 'FAILED_SUBMISSION'],
  ['Failed', 'ImagePull', 'FAILED_IMAGE_PULL'],
])('a workflow that is %s for %s is %s', (phase, reason, want) =>
  expect(workflowStatus(status(phase, reason))).toBe(want),
);

test('what nobody has looked at yet has begun nothing', () => {
  expect([workflowStatus({}), taskStatus({})]).toEqual(['PENDING', 'PROCESSING']);
});

test.each([
  ['Scheduling', undefined, 'SCHEDULING'],
  ['Initializing', undefined, 'INITIALIZING'],
  ['Failed', 'OOMKilled', 'FAILED_EVICTED'],
  ['Failed', 'StartTimeout', 'FAILED_START_TIMEOUT'],
  ['Failed', 'PeerFailed', 'FAILED'],
  ['Failed', 'Refused', 'FAILED_SERVER_ERROR'],
])('a task that is %s for %s is %s', (phase, reason, want) => expect(taskStatus(status(phase, reason))).toBe(want));

describe('a group', () => {
  const group = (...words: StatusWord[]) => words.map((word, index) => ({ status: word, lead: index === 0 }));
  test.each<[StatusWord[], boolean, StatusWord]>([
    [['WAITING', 'WAITING'], true, 'WAITING'],
    [['SCHEDULING', 'INITIALIZING'], true, 'INITIALIZING'],
    [['SCHEDULING', 'RUNNING'], true, 'RUNNING'],
    [['COMPLETED', 'SCHEDULING'], true, 'RUNNING'],
    [['COMPLETED', 'FAILED'], true, 'COMPLETED'],
    [['COMPLETED', 'FAILED'], false, 'FAILED'],
    [['COMPLETED', 'FAILED_PREEMPTED'], true, 'FAILED_PREEMPTED'],
    [['FAILED', 'COMPLETED'], true, 'FAILED'],
    [['FAILED_IMAGE_PULL', 'FAILED_IMAGE_PULL'], false, 'FAILED_IMAGE_PULL'],
    [['FAILED_IMAGE_PULL', 'FAILED'], false, 'FAILED'],
    [['FAILED_EVICTED', 'FAILED'], false, 'FAILED_EVICTED'],
    [['COMPLETED', 'COMPLETED'], false, 'COMPLETED'],
  ])('of %j (ignoring non-leads: %s) is %s', (words, ignore, want) =>
    expect(groupStatus(group(...words), ignore)).toBe(want),
  );
});
