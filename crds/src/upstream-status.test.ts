import { describe, expect, test } from '@jest/globals';
import { TaskReasons, WorkflowReasons } from './constants.ts';
import type { TaskStatus } from './task.ts';
import {
  isUpstreamEnd,
  upstreamGroupStatus,
  type UpstreamStatus,
  upstreamStatuses,
  upstreamStatusWithoutTask,
  upstreamTaskStatus,
  upstreamWorkflowStatus,
} from './upstream-status.ts';

const task = (phase: TaskStatus['phase'], reason?: string, run?: number) => ({
  conditions: [],
  attempt: 0,
  phase,
  ...(reason !== undefined && { reason }),
  ...(run !== undefined && { run }),
});
const workflow = (phase?: 'Pending' | 'Running' | 'Completed' | 'Failed', reason?: string) =>
  phase === undefined ? {} : { status: { conditions: [], phase, ...(reason !== undefined && { reason }) } };

/** Reason, what a task is called, what a group and a workflow are called. */
const failures: [string | undefined, UpstreamStatus, UpstreamStatus][] = [
  [TaskReasons.error, 'FAILED', 'FAILED'],
  [TaskReasons.peerFailed, 'FAILED', 'FAILED'],
  [TaskReasons.unknown, 'FAILED', 'FAILED'],
  [undefined, 'FAILED', 'FAILED'],
  [TaskReasons.canceled, 'FAILED_CANCELED', 'FAILED_CANCELED'],
  [TaskReasons.refused, 'FAILED_SERVER_ERROR', 'FAILED_SERVER_ERROR'],
  [TaskReasons.execTimeout, 'FAILED_EXEC_TIMEOUT', 'FAILED_EXEC_TIMEOUT'],
  [TaskReasons.queueTimeout, 'FAILED_QUEUE_TIMEOUT', 'FAILED_QUEUE_TIMEOUT'],
  [TaskReasons.backendError, 'FAILED_BACKEND_ERROR', 'FAILED'],
  [TaskReasons.createError, 'FAILED_BACKEND_ERROR', 'FAILED'],
  [TaskReasons.imagePull, 'FAILED_IMAGE_PULL', 'FAILED'],
  [TaskReasons.evicted, 'FAILED_EVICTED', 'FAILED_EVICTED'],
  [TaskReasons.oomKilled, 'FAILED_EVICTED', 'FAILED_EVICTED'],
  [TaskReasons.startError, 'FAILED_START_ERROR', 'FAILED'],
  [TaskReasons.startTimeout, 'FAILED_START_TIMEOUT', 'FAILED'],
  [TaskReasons.preempted, 'FAILED_PREEMPTED', 'FAILED_PREEMPTED'],
  [TaskReasons.upstream, 'FAILED_UPSTREAM', 'FAILED_UPSTREAM'],
];

test.each(failures)('reason %s', (reason, ofTask, ofGroup) => {
  expect(upstreamTaskStatus({ status: task('Failed', reason) })).toBe(ofTask);
  expect(upstreamGroupStatus([{ status: ofTask, lead: true }], true)).toBe(ofGroup);
  expect(upstreamWorkflowStatus(workflow('Failed', reason))).toBe(ofGroup);
});

test.each<[TaskStatus['phase'], UpstreamStatus]>([
  ['Pending', 'PROCESSING'],
  ['Scheduling', 'SCHEDULING'],
  ['Initializing', 'INITIALIZING'],
  ['Running', 'RUNNING'],
  ['Completed', 'COMPLETED'],
])('a task in phase %s is %s', (phase, want) => {
  expect(upstreamTaskStatus({ status: task(phase) })).toBe(want);
});

test('a task whose status is of an earlier run is as if nothing had been said of it', () => {
  expect(upstreamTaskStatus({ spec: { run: 1 }, status: task('Failed', 'Error') })).toBe('PROCESSING');
  expect(upstreamTaskStatus({ spec: { run: 1, hold: true }, status: task('Completed') })).toBe('WAITING');
  expect(upstreamTaskStatus({ spec: { run: 1 }, status: task('Completed', undefined, 1) })).toBe('COMPLETED');
});

test.each<[ReturnType<typeof workflow>, UpstreamStatus, UpstreamStatus]>([
  [workflow(), 'PENDING', 'WAITING'],
  [workflow('Pending'), 'PENDING', 'WAITING'],
  [workflow('Pending', WorkflowReasons.suspended), 'PENDING', 'WAITING'],
  [workflow('Running'), 'RUNNING', 'WAITING'],
  [workflow('Completed'), 'COMPLETED', 'FAILED_UPSTREAM'],
  [workflow('Failed', WorkflowReasons.failed), 'FAILED', 'FAILED_UPSTREAM'],
  [workflow('Failed', TaskReasons.canceled), 'FAILED_CANCELED', 'FAILED_CANCELED'],
  [workflow('Failed', WorkflowReasons.invalidSpec), 'FAILED_SUBMISSION', 'FAILED_UPSTREAM'],
  [workflow('Failed', WorkflowReasons.unsupported), 'FAILED_SUBMISSION', 'FAILED_UPSTREAM'],
  [workflow('Failed', WorkflowReasons.notAllowed), 'FAILED_SUBMISSION', 'FAILED_UPSTREAM'],
  [workflow('Failed', WorkflowReasons.resourceRule), 'FAILED_SUBMISSION', 'FAILED_UPSTREAM'],
])('workflow %j is %s, and a task of it that was never created %s', (object, own, absent) => {
  expect(upstreamWorkflowStatus(object)).toBe(own);
  expect(upstreamStatusWithoutTask(object)).toBe(absent);
});

describe('a group', () => {
  const group = (ignore: boolean, lead: UpstreamStatus, ...others: UpstreamStatus[]): UpstreamStatus =>
    upstreamGroupStatus([{ status: lead, lead: true }, ...others.map((status) => ({ status, lead: false }))], ignore);
  test.each<[string, UpstreamStatus, UpstreamStatus]>([
    ['that waits', group(true, 'WAITING', 'WAITING'), 'WAITING'],
    ['that is being created', group(true, 'PROCESSING', 'WAITING'), 'PROCESSING'],
    ['that queues', group(true, 'SCHEDULING', 'PROCESSING'), 'SCHEDULING'],
    ['that pulls images', group(true, 'SCHEDULING', 'INITIALIZING'), 'INITIALIZING'],
    ['of which one runs', group(true, 'INITIALIZING', 'RUNNING'), 'RUNNING'],
    ['of which one has ended', group(true, 'INITIALIZING', 'FAILED'), 'RUNNING'],
    ['that completed', group(false, 'COMPLETED', 'COMPLETED'), 'COMPLETED'],
    ['whose other task failed, ignored', group(true, 'COMPLETED', 'FAILED'), 'COMPLETED'],
    ['whose other task failed', group(false, 'COMPLETED', 'FAILED_IMAGE_PULL'), 'FAILED'],
    ['whose lead failed', group(true, 'FAILED', 'COMPLETED'), 'FAILED'],
    ['whose other task was evicted, ignored', group(true, 'COMPLETED', 'FAILED_EVICTED'), 'COMPLETED'],
    ['whose lead was evicted', group(true, 'FAILED_EVICTED', 'FAILED'), 'FAILED_EVICTED'],
    [
      'whose other task was preempted, ignored or not',
      group(true, 'COMPLETED', 'FAILED_PREEMPTED'),
      'FAILED_PREEMPTED',
    ],
    ['preempted before evicted', group(false, 'FAILED_EVICTED', 'FAILED_PREEMPTED'), 'FAILED_PREEMPTED'],
    ['with a server error before that', group(true, 'FAILED_PREEMPTED', 'FAILED_SERVER_ERROR'), 'FAILED_SERVER_ERROR'],
    ['upstream before all', group(true, 'FAILED_SERVER_ERROR', 'FAILED_UPSTREAM'), 'FAILED_UPSTREAM'],
    ['that was canceled', group(true, 'FAILED_CANCELED', 'FAILED'), 'FAILED_CANCELED'],
    ['whose time was over', group(false, 'FAILED_EXEC_TIMEOUT', 'FAILED'), 'FAILED_EXEC_TIMEOUT'],
  ])('%s', (_, got, want) => {
    expect(got).toBe(want);
  });
});

test('every word is the end of something or not, and none is missing', () => {
  expect(upstreamStatuses.filter(isUpstreamEnd)).toHaveLength(14);
  expect(new Set(upstreamStatuses).size).toBe(22);
});
