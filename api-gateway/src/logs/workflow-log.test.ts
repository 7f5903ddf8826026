import { describe, expect, test } from '@jest/globals';
import type { Task, Workflow } from '@osmo/crds';
import { taskOf, workflowOf } from '../testing/objects.ts';
import type { LogLine, LogRequest, LogSource } from './log-source.ts';
import { firstOf } from './log-source.ts';
import { workflowLog } from './workflow-log.ts';

const start = (second: number): string => `2026-01-01T00:00:0${second}Z`;
const line = (text: string, second = 1): LogLine => ({ time: `2026-01-01T00:00:0${second}.000000001Z`, text });

/** Logs by `task/attempt`; what is not there is gone. */
function recorded(logs: Record<string, LogLine[]>): LogSource & { asked: LogRequest[] } {
  const asked: LogRequest[] = [];
  return {
    asked,
    open: async (request) => {
      asked.push(request);
      const lines = logs[`${request.task.spec.taskName}/${request.attempt}`];
      return (
        lines &&
        (async function* all() {
          yield* lines;
        })()
      );
    },
  };
}

async function read(workflow: Workflow, tasks: Task[], source: LogSource, extra: object = {}): Promise<string[]> {
  const found: string[] = [];
  const request = { read: () => ({ workflow, tasks }), listen: () => () => undefined, source, ...extra };
  for await (const text of workflowLog(request, new AbortController().signal)) found.push(text);
  return found;
}

describe('of a workflow that has ended', () => {
  const workflow = workflowOf('w', { status: { phase: 'Failed', reason: 'Error' } });
  const done = (name: string, second: number, status: object = {}): Task =>
    taskOf(workflow, name, { phase: 'Completed', podName: `p-${name}`, startTime: start(second), ...status } as never);
  const first = done('first', 2);
  const second = done('second', 1, {
    phase: 'Failed',
    attempt: 1,
    attempts: [{ attempt: 0, podName: 'p-old', phase: 'Failed', cause: 'User' }],
  });
  const source = () =>
    recorded({ 'first/0': [line('a'), line('b')], 'second/1': [line('c', 3)], 'second/0': [line('d')] });

  test('tasks come one after the other, in the order in which they started', async () => {
    expect(await read(workflow, [first, second], source())).toEqual([
      '2026/01/01 00:00:01 [second] d\n',
      '2026/01/01 00:00:03 [second retry-1] c\n',
      '2026/01/01 00:00:01 [first] a\n',
      '2026/01/01 00:00:01 [first] b\n',
    ]);
  });
  test('an attempt whose log is gone is passed over, unless it is the one that is asked for', async () => {
    const logs = recorded({ 'first/0': [line('a')], 'second/1': [line('c', 3)] });
    const texts = await read(workflow, [first, second], logs);
    expect(texts.map((text) => text.trim().split(' ').at(-1))).toEqual(['c', 'a']);
    const [gone] = await read(workflow, [first, second], logs, { taskName: 'second', attempt: 0 });
    expect(gone).toContain('[second] [osmo] there is no log');
  });
  test('of one task, of one attempt, with a text, of failures', async () => {
    expect(await read(workflow, [first, second], source(), { taskName: 'first', text: 'b' })).toEqual([
      '2026/01/01 00:00:01 [first] b\n',
    ]);
    expect(await read(workflow, [first, second], source(), { taskName: 'second', attempt: 0 })).toEqual([
      '2026/01/01 00:00:01 [second] d\n',
    ]);
    expect(await read(workflow, [first, second], source(), { failedOnly: true })).toEqual([
      '2026/01/01 00:00:03 [second retry-1] c\n',
    ]);
  });
  test.each([
    [1, ['c']],
    [2, ['b', 'c']],
    [99, ['a', 'b', 'c']],
  ])('its last %i lines are those of all tasks together', async (tailLines, want) => {
    const logs = recorded({ 'first/0': [line('a'), line('b', 2)], 'second/1': [line('c', 3)] });
    const texts = await read(workflow, [first, second], logs, { tailLines });
    expect(texts.map((text) => text.trim().split(' ').at(-1))).toEqual(want);
    expect(logs.asked.map(({ follow }) => follow)).toEqual([false, false]);
  });
  test('a log that is gone says so', async () => {
    const [text] = await read(workflow, [first], recorded({}));
    expect(text).toContain('[first] [osmo] there is no log');
  });
  test('nothing is followed', async () => {
    const asked = source();
    await read(workflow, [first, second], asked, { tailLines: 5 });
    expect(asked.asked.map(({ follow, tailLines }) => [follow, tailLines])).toEqual([
      [false, 5],
      [false, 5],
    ]);
  });
});

test('of a workflow that runs: tasks are followed as they start, until it ends', async () => {
  let workflow = workflowOf('w', { status: { phase: 'Running' } });
  const running = (name: string): Task => taskOf(workflow, name, { phase: 'Running', podName: `p-${name}` });
  let tasks = [running('first'), taskOf(workflow, 'second', { phase: 'Scheduling', podName: 'p-second' })];
  let changed = (): void => undefined;
  let listeners = 0;
  const gate = Promise.withResolvers<void>();
  const source: LogSource = {
    open: async ({ task, follow }) =>
      (async function* all() {
        expect(follow).toBe(true);
        yield line(`${task.spec.taskName} begins`);
        if (task.spec.taskName === 'first') await gate.promise;
        yield line(`${task.spec.taskName} ends`);
      })(),
  };
  const request = {
    read: () => ({ workflow, tasks }),
    listen: (listener: () => void) => {
      changed = listener;
      listeners++;
      return () => void listeners--;
    },
    source,
  };
  const lines = workflowLog(request, new AbortController().signal);
  expect((await lines.next()).value).toContain('first begins');
  tasks = [running('first'), running('second')];
  changed();
  expect((await lines.next()).value).toContain('second begins');
  expect((await lines.next()).value).toContain('second ends');
  gate.resolve();
  expect((await lines.next()).value).toContain('first ends');
  workflow = workflowOf('w', { status: { phase: 'Completed' } });
  changed();
  expect((await lines.next()).done).toBe(true);
  expect(listeners).toBe(0);
});

test('the first place that has a log is read', async () => {
  const workflow = workflowOf('w', { status: { phase: 'Completed' } });
  const task = taskOf(workflow, 'first', { phase: 'Completed', podName: 'p' });
  const places = firstOf([recorded({}), recorded({ 'first/0': [line('archived')] })]);
  expect(await read(workflow, [task], places)).toEqual(['2026/01/01 00:00:01 [first] archived\n']);
});

test('the last lines of a workflow that runs are told once, and what comes then as it comes', async () => {
  const workflow = workflowOf('w', { status: { phase: 'Running' } });
  const ended = workflowOf('w', { status: { phase: 'Completed' } });
  const running = (name: string): Task => taskOf(workflow, name, { phase: 'Running', podName: `p-${name}` });
  const tasks = [running('first'), running('second')];
  let world = { workflow, tasks };
  let changed = (): void => undefined;
  const logs: Record<string, LogLine[]> = {
    first: [line('a', 1), line('b', 3), line('c', 5)],
    second: [line('d', 2), line('e', 4), line('f', 6)],
  };
  const source: LogSource = {
    open: async ({ task, follow, tailLines = 9 }) =>
      (async function* all() {
        const lines = logs[task.spec.taskName] ?? [];
        // The last one comes later.
        yield* follow ? lines : lines.slice(0, 2).slice(-tailLines);
      })(),
  };
  const listen = (listener: () => void) => {
    changed = listener;
    return () => undefined;
  };
  const request = { read: () => world, listen, source, tailLines: 3 };
  const texts: string[] = [];
  for await (const text of workflowLog(request, new AbortController().signal)) {
    texts.push(text.trim().split(' ').at(-1) ?? '');
    if (texts.length < 5) continue;
    world = { workflow: ended, tasks };
    changed();
  }
  expect(texts.slice(0, 3)).toEqual(['d', 'b', 'e']);
  expect(texts.slice(3).toSorted()).toEqual(['c', 'f']);
});
