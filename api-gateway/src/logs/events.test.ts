import { expect, test } from '@jest/globals';
import type { Event, KubeClient } from '@osmo/kube';
import { taskOf, workflowOf } from '../testing/objects.ts';
import { eventLines } from './events.ts';

const workflow = workflowOf('w');
const task = taskOf(workflow, 'train', { phase: 'Completed', podName: 'p-0' });

/** Events that the API has, by the kind that they are about. */
function api(events: Record<string, object[]>): Pick<KubeClient, 'list'> {
  const list = async (_: unknown, { fieldSelector = '' }: { fieldSelector?: string } = {}) => ({
    items: events[/involvedObject\.kind=(\w+)/.exec(fieldSelector)?.[1] ?? ''] ?? [],
    metadata: { resourceVersion: '1' },
  });
  return { list: list as never };
}
const live = (uid: string, kind: string, name: string, message: string, second: number): object => ({
  metadata: { name: uid, uid },
  involvedObject: { kind, name },
  reason: 'Reason',
  message,
  eventTime: `2026-01-01T00:00:0${second}.000000Z`,
});
const recorded = (uid: string, kind: string, name: string, note: string, second: number): Event =>
  ({
    metadata: { name: uid, uid },
    regarding: { kind, name },
    reason: 'Reason',
    note,
    type: 'Normal',
    eventTime: `2026-01-01T00:00:0${second}.000000Z`,
  }) as Event;

test('what the API still has and what was recorded are told together, each once, in the order of time', async () => {
  const client = api({
    Task: [live('e2', 'Task', 'w.train', 'of the task', 3)],
    Pod: [live('e3', 'Pod', 'p-0', 'of its pod', 2), live('e4', 'Pod', 'other', 'of nobody', 2)],
  });
  const record = [
    recorded('e1', 'Workflow', 'w', 'it started', 1),
    recorded('e2', 'Task', 'w.train', 'of the task', 3),
    recorded('e5', 'Workflow', 'w', 'it\n ended', 4),
  ];
  expect(await eventLines(client, workflow, [task], new AbortController().signal, { recorded: record })).toEqual([
    '2026/01/01 00:00:01 [w] Reason: it started\n',
    '2026/01/01 00:00:02 [train] Reason: of its pod\n',
    '2026/01/01 00:00:03 [train] Reason: of the task\n',
    '2026/01/01 00:00:04 [w] Reason: it ended\n',
  ]);
});

test('what is about the pod of a retry says which', async () => {
  const attempts = [{ attempt: 0, podName: 'p-0' }] as never;
  const retried = taskOf(workflow, 'train', { phase: 'Running', podName: 'p-1', attempt: 1, attempts });
  const client = api({
    Task: [live('e1', 'Task', 'w.train', 'tried again', 2)],
    Pod: [live('e2', 'Pod', 'p-0', 'first', 1), live('e3', 'Pod', 'p-1', 'second', 3)],
  });
  const lines = (only: { attempt?: number } = {}): Promise<string[]> =>
    eventLines(client, workflow, [retried], new AbortController().signal, only);
  expect(await lines()).toEqual([
    '2026/01/01 00:00:01 [train] Reason: first\n',
    '2026/01/01 00:00:02 [train] Reason: tried again\n',
    '2026/01/01 00:00:03 [train retry-1] Reason: second\n',
  ]);
  expect(await lines({ attempt: 1 })).toEqual([
    '2026/01/01 00:00:02 [train] Reason: tried again\n',
    '2026/01/01 00:00:03 [train retry-1] Reason: second\n',
  ]);
});

test('what is about objects that had the same names before is left out', async () => {
  const of = (event: object, uid: string): object => ({
    ...event,
    involvedObject: { ...(event as { involvedObject: object }).involvedObject, uid },
  });
  const client = api({
    Workflow: [
      of(live('e1', 'Workflow', 'w', 'the one before', 1), 'uid-before'),
      of(live('e2', 'Workflow', 'w', 'this one', 3), String(workflow.metadata.uid)),
    ],
    Task: [
      of(live('e3', 'Task', 'w.train', 'a task of the one before', 2), 'uid-before.train'),
      of(live('e4', 'Task', 'w.train', 'its task', 4), String(task.metadata.uid)),
    ],
    Pod: [of(live('e5', 'Pod', 'p-0', 'its pod', 5), 'uid-of-a-pod')],
  });
  expect(await eventLines(client, workflow, [task], new AbortController().signal)).toEqual([
    '2026/01/01 00:00:03 [w] Reason: this one\n',
    '2026/01/01 00:00:04 [train] Reason: its task\n',
    '2026/01/01 00:00:05 [train] Reason: its pod\n',
  ]);
});
