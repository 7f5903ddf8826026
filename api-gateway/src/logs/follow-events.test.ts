import { expect, test } from '@jest/globals';
import type { Task, TaskStatus, Workflow } from '@osmo/crds';
import type { Clock } from '@osmo/kube';
import { taskOf, workflowOf } from '../testing/objects.ts';
import type { EventFeed } from './event-feeds.ts';
import { aboutOf, type CoreEvent } from './events.ts';
import { followEvents } from './follow-events.ts';

/** A cluster in which a workflow runs and events happen. */
class Scene {
  workflow: Workflow | undefined = workflowOf('w');
  readonly opened: string[] = [];
  readonly released: string[] = [];
  #tasks: Task[] = [];
  readonly #events = new Map<string, CoreEvent[]>();
  readonly #heard = new Set<(namespace: string, event: CoreEvent) => void>();
  readonly #changed = new Set<(task?: Task) => void>();
  readonly timers: (() => void)[] = [];

  readonly clock: Clock = {
    now: () => new Date(0),
    setTimeout: (_, fn) => {
      this.timers.push(fn);
      return () => undefined;
    },
  };

  task(name: string, status: Partial<TaskStatus>): void {
    const task = taskOf(workflowOf('w'), name, status);
    this.#tasks = [...this.#tasks.filter((other) => other.metadata.name !== task.metadata.name), task];
    for (const changed of this.#changed) changed(task);
  }

  end(): void {
    this.workflow = workflowOf('w', { status: { phase: 'Completed' } });
    for (const changed of this.#changed) changed();
  }

  happens(
    about: string,
    message: string,
    {
      uid = message,
      version = '1',
      namespace = 'default',
      of = undefined,
    }: { uid?: string; version?: string; namespace?: string; of?: string | undefined } = {},
  ): void {
    const [kind = '', name = ''] = about.split('/');
    const second = String(this.#events.size).padStart(2, '0');
    const event = {
      metadata: { name: uid, uid, resourceVersion: version },
      involvedObject: { kind, name, ...(of !== undefined && { uid: of }) },
      reason: 'Told',
      message,
      eventTime: `2026-01-01T00:00:${second}.000000Z`,
    } as CoreEvent;
    this.#events.set(`${uid}/${version}`, [event]);
    for (const heard of this.#heard) heard(namespace, event);
  }

  open(namespace: string): EventFeed {
    this.opened.push(namespace);
    let listening: ((at: string, event: CoreEvent) => void) | undefined;
    return {
      synced: Promise.resolve(),
      about: (key) => [...this.#events.values()].flat().filter((event) => aboutOf(event) === key),
      listen: (listener) => {
        listening = (at, event) => {
          if (at === namespace) listener(event);
        };
        this.#heard.add(listening);
        return () => void (listening && this.#heard.delete(listening));
      },
      release: () => void this.released.push(namespace),
    };
  }

  follow(signal: AbortSignal, only: { taskName?: string; attempt?: number } = {}): AsyncGenerator<string> {
    const now = {
      read: () => this.workflow && { workflow: this.workflow, tasks: this.#tasks },
      listen: (changed: (task?: Task) => void) => {
        this.#changed.add(changed);
        return () => void this.#changed.delete(changed);
      },
    };
    const feeds = { open: (namespace: string) => this.open(namespace) };
    return followEvents({ workflow: workflowOf('w'), now, feeds, clock: this.clock, ...only }, signal);
  }

  get listeners(): number {
    return this.#changed.size + this.#heard.size;
  }
}

const textOf = (line: string | void): string => (line ?? '').replace(/^\S+ \S+ /, '').trim();
const never = new AbortController().signal;
/** Lets everything run that only waits for promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('what there is comes first, then what happens, until the workflow has ended and the last ones have come', async () => {
  const scene = new Scene();
  scene.task('train', { phase: 'Running', podName: 'p-0', attempt: 0 });
  scene.happens('Pod/p-0', 'was scheduled');
  scene.happens('Pod/other', 'is nobody’s');
  scene.happens('Workflow/w', 'began');
  const lines = scene.follow(never);
  expect(textOf((await lines.next()).value)).toBe('[train] Told: was scheduled');
  expect(textOf((await lines.next()).value)).toBe('[w] Told: began');
  const next = lines.next();
  scene.happens('Task/w.train', 'went on');
  expect(textOf((await next).value)).toBe('[train] Told: went on');
  const last = lines.next();
  await settled();
  scene.end();
  await settled();
  scene.happens('Workflow/w', 'ended');
  await settled();
  expect(scene.timers).toHaveLength(1);
  for (const ring of scene.timers) ring();
  expect(textOf((await last).value)).toBe('[w] Told: ended');
  expect((await lines.next()).done).toBe(true);
  expect([scene.opened, scene.released, scene.listeners]).toEqual([['default'], ['default'], 0]);
});

test('what happened to a pod before its task named it is told when it does, also in another namespace', async () => {
  const scene = new Scene();
  scene.task('train', { phase: 'Scheduling' });
  const lines = scene.follow(never);
  const first = lines.next();
  await settled();
  scene.happens('Pod/p-0', 'was early', { namespace: 'pods' });
  scene.task('train', { phase: 'Running', podName: 'p-0', podNamespace: 'pods' });
  expect(textOf((await first).value)).toBe('[train] Told: was early');
  await lines.return(undefined);
  expect(scene.released.toSorted()).toEqual(['default', 'pods']);
});

test('a repetition is told again, and the same event isn’t', async () => {
  const scene = new Scene();
  scene.happens('Workflow/w', 'waits', { uid: 'e', version: '1' });
  const lines = scene.follow(never);
  expect(textOf((await lines.next()).value)).toBe('[w] Told: waits');
  const next = lines.next();
  await settled();
  scene.happens('Workflow/w', 'waits', { uid: 'e', version: '1' });
  scene.happens('Workflow/w', 'still waits', { uid: 'e', version: '2' });
  expect(textOf((await next).value)).toBe('[w] Told: still waits');
  await lines.return(undefined);
});

test('what is about an earlier workflow of that name, and its tasks, is left out', async () => {
  const scene = new Scene();
  scene.task('train', { phase: 'Running', podName: 'p-0' });
  scene.happens('Workflow/w', 'of the one before', { of: 'uid-before' });
  scene.happens('Task/w.train', 'of its task', { of: 'uid-before.train' });
  scene.happens('Workflow/w', 'of this one', { of: 'uid-w' });
  const lines = scene.follow(never);
  expect(textOf((await lines.next()).value)).toBe('[w] Told: of this one');
  const next = lines.next();
  await settled();
  scene.happens('Task/w.train', 'of its task, later', { of: 'uid-before.train' });
  scene.happens('Task/w.train', 'of this task', { of: 'uid-w.train' });
  expect(textOf((await next).value)).toBe('[train] Told: of this task');
  await lines.return(undefined);
});

test('only those of one task, and of one attempt', async () => {
  const scene = new Scene();
  const attempts = [{ attempt: 0, cause: 'User' as const, phase: 'Failed' as const, podName: 'p-0' }];
  scene.task('train', { phase: 'Running', attempt: 1, podName: 'p-1', attempts });
  scene.task('other', { phase: 'Running', podName: 'o-0' });
  for (const about of ['Pod/p-0', 'Pod/p-1', 'Pod/o-0', 'Workflow/w']) scene.happens(about, about);
  const lines = scene.follow(never, { taskName: 'train', attempt: 1 });
  expect(textOf((await lines.next()).value)).toBe('[train retry-1] Told: Pod/p-1');
  const next = lines.next();
  await settled();
  scene.happens('Pod/p-0', 'is told to nobody');
  scene.happens('Pod/p-1', 'is told');
  expect(textOf((await next).value)).toBe('[train retry-1] Told: is told');
  await lines.return(undefined);
});

test('whoever hangs up is forgotten, also while there is nothing to tell', async () => {
  const scene = new Scene();
  const caller = new AbortController();
  const next = scene.follow(caller.signal).next();
  await settled();
  caller.abort();
  expect((await next).done).toBe(true);
  expect([scene.released, scene.listeners]).toEqual([['default'], 0]);
});

test('a workflow that is gone ends the stream', async () => {
  const scene = new Scene();
  scene.workflow = undefined;
  const next = scene.follow(never).next();
  await settled();
  for (const ring of scene.timers) ring();
  expect((await next).done).toBe(true);
});
