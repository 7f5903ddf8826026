import { expect, test } from '@jest/globals';
import type { Workflow } from '@osmo/crds';
import type { Change, Informer } from '@osmo/kube';
import { FakeClock } from '@osmo/kube/testing';
import { Changes } from '../system/changes.ts';
import { workflowOf } from '../testing/objects.ts';
import { watchWorkflows } from './watch.ts';

interface Told {
  event: string;
  name?: string;
  names?: string[];
  id?: string;
}

function setUp() {
  const objects = new Map<string, Workflow>();
  const listeners: ((change: Change<Workflow>) => void)[] = [];
  let version = 0;
  const informer = {
    list: () => [...objects.values()],
    get resourceVersion() {
      return String(version);
    },
    onChange: (listener: (change: Change<Workflow>) => void) => void listeners.push(listener),
  } as unknown as Informer<Workflow>;
  const tell = (change: Change<Workflow>): void => listeners.forEach((listener) => listener(change));
  const set = (name: string, status: object = {}): void => {
    version++;
    const old = objects.get(name);
    const now = workflowOf(name, { metadata: { resourceVersion: String(version) }, status });
    objects.set(name, now);
    tell({ ...(old && { old }), new: now });
  };
  const remove = (name: string): void => {
    version++;
    const old = objects.get(name);
    objects.delete(name);
    if (old !== undefined) tell({ old });
  };
  const clock = new FakeClock();
  const changes = new Changes(informer);
  const stop = new AbortController();
  let passes = (_: Workflow): boolean => true;
  const watch = (since?: string): AsyncGenerator<string> =>
    watchWorkflows(
      {
        informer,
        changes,
        clock,
        passes: async () => passes,
        view: ({ metadata }) => ({ name: metadata.name }),
        idOf: ({ metadata }) => metadata.name,
        since,
      },
      stop.signal,
    );
  return { set, remove, clock, watch, stop, only: (test_: typeof passes) => (passes = test_) };
}

const parsed = (text: string): Told[] =>
  text
    .trim()
    .split('\n\n')
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const id = field('id');
      return {
        event: field('event') ?? '',
        ...(JSON.parse(field('data') ?? '{}') as object),
        ...(id !== undefined && { id }),
      };
    });
const next = async (stream: AsyncGenerator<string>): Promise<Told[]> => parsed(String((await stream.next()).value));

test('tells what there is, then every change, with a version once all up to it was told', async () => {
  const { set, remove, watch, stop } = setUp();
  set('a');
  const stream = watch();
  expect(await next(stream)).toEqual([{ event: 'ADDED', name: 'a' }]);
  expect(await next(stream)).toEqual([{ event: 'SYNCED', names: ['a'], id: '1' }]);
  set('b');
  set('a', { phase: 'Running' });
  expect(await next(stream)).toEqual([
    { event: 'ADDED', name: 'b' },
    { event: 'MODIFIED', name: 'a', id: '3' },
  ]);
  remove('a');
  expect(await next(stream)).toEqual([{ event: 'DELETED', name: 'a', id: '4' }]);
  stop.abort();
  expect((await stream.next()).done).toBe(true);
});

test('who comes back gets what is newer, and the names of all', async () => {
  const { set, remove, watch } = setUp();
  for (const name of ['a', 'b', 'c']) set(name);
  set('b', { phase: 'Running' });
  remove('c');
  const stream = watch('3');
  expect(await next(stream)).toEqual([{ event: 'MODIFIED', name: 'b' }]);
  expect(await next(stream)).toEqual([{ event: 'SYNCED', names: ['a', 'b'], id: '5' }]);
  const confused = watch('not a version');
  expect(await next(confused)).toEqual([
    { event: 'ADDED', name: 'a' },
    { event: 'ADDED', name: 'b' },
  ]);
});

test('what stops passing is gone, what begins to pass is new, what never did is nobody’s business', async () => {
  const { set, remove, watch, only } = setUp();
  only(({ status }) => status?.phase === 'Running');
  set('a', { phase: 'Running' });
  set('b');
  const stream = watch();
  expect(await next(stream)).toEqual([{ event: 'ADDED', name: 'a' }]);
  expect(await next(stream)).toMatchObject([{ event: 'SYNCED', names: ['a'] }]);
  set('a', { phase: 'Completed' });
  set('b', { phase: 'Running' });
  set('c');
  remove('c');
  expect(await next(stream)).toMatchObject([
    { event: 'DELETED', name: 'a' },
    { event: 'ADDED', name: 'b' },
  ]);
});

test('many changes of one workflow are one for a reader who was slow', async () => {
  const { set, remove, watch } = setUp();
  const stream = watch();
  expect(await next(stream)).toMatchObject([{ event: 'SYNCED', names: [] }]);
  for (let count = 0; count < 100; count++) set('a');
  set('b');
  remove('b');
  expect(await next(stream)).toEqual([{ event: 'ADDED', name: 'a', id: '102' }]);
});

test('says that it is alive', async () => {
  const { watch, clock } = setUp();
  const stream = watch();
  await stream.next();
  const alive = stream.next();
  await clock.advanceAsync(15_000);
  expect((await alive).value).toBe(': alive\n\n');
  expect(clock.pending).toBe(0);
});
