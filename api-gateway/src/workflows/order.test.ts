import { describe, expect, test } from '@jest/globals';
import type { Workflow } from '@osmo/crds';
import type { Change, Informer } from '@osmo/kube';
import fc from 'fast-check';
import { workflowOf } from '../testing/objects.ts';
import { nameFilter } from './filter.ts';
import { CreationOrder, type Place } from './order.ts';
import { pageInSlices, pageOf, type Tests } from './page.ts';

/** A cache that a test fills. */
class Cache {
  readonly objects = new Map<string, Workflow>();
  readonly #listeners: ((change: Change<Workflow>) => void)[] = [];

  set(name: string, second: number, uid = `${name}-${second}`): void {
    const creationTimestamp = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    const old = this.objects.get(name);
    const now = workflowOf(name, { metadata: { creationTimestamp, uid } });
    this.objects.set(name, now);
    for (const listener of this.#listeners) listener({ ...(old && { old }), new: now });
  }

  delete(name: string): void {
    const old = this.objects.get(name);
    if (old === undefined) return;
    this.objects.delete(name);
    for (const listener of this.#listeners) listener({ old });
  }

  get informer(): Informer<Workflow> {
    return {
      list: () => [...this.objects.values()],
      onChange: (listener: (change: Change<Workflow>) => void) => void this.#listeners.push(listener),
    } as unknown as Informer<Workflow>;
  }

  /** Names in the order of creation, worked out anew. */
  sorted(): string[] {
    const time = ({ metadata }: Workflow): string => metadata.creationTimestamp ?? '';
    return [...this.objects.values()]
      .toSorted((a, b) =>
        time(a) === time(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : time(a) < time(b) ? -1 : 1,
      )
      .map(({ metadata }) => metadata.name);
  }
}

/** Not only in place, but as they are now. */
function expectAsInCache(order: CreationOrder<Workflow>, cache: Cache): void {
  const walked = [...order.walk(false)];
  expect(names(walked)).toEqual(cache.sorted());
  expect(walked.every((workflow) => cache.objects.get(workflow.metadata.name) === workflow)).toBe(true);
}

const names = (walk: Iterable<Workflow>): string[] => [...walk].map(({ metadata }) => metadata.name);

test('after any changes the order is that of what is there', () => {
  const change = fc.tuple(fc.constantFrom('set', 'anew', 'delete', 'look'), fc.integer({ min: 0, max: 8 }), fc.nat(20));
  let incarnation = 0;
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), fc.constantFrom(0, 2, 256), (changes, few) => {
      const cache = new Cache();
      cache.set('first', 3);
      const order = new CreationOrder(cache.informer, few);
      for (const [what, name, second] of changes) {
        if (what === 'set') cache.set(`w${name}`, second);
        else if (what === 'anew') cache.set(`w${name}`, second, `uid-${incarnation++}`);
        else if (what === 'delete') cache.delete(`w${name}`);
        else expectAsInCache(order, cache);
      }
      expectAsInCache(order, cache);
      expect(names(order.walk(true))).toEqual(cache.sorted().toReversed());
    }),
    { numRuns: Number(process.env['OSMO_RUNS'] ?? 300) },
  );
});

test('places are those of the walk, however many are taken at once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(30), fc.nat(5)), { maxLength: 40 }),
      fc.array(fc.nat(30)),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (made, gone, most, newestFirst) => {
        const cache = new Cache();
        for (const [name, second] of made) cache.set(`w${name}`, second);
        const order = new CreationOrder(cache.informer);
        // In their places before they go.
        order.places(newestFirst, 1);
        for (const name of gone) cache.delete(`w${name}`);
        const found: Workflow[] = [];
        let last: Place | undefined;
        // Places that come again would come for ever.
        for (let taken = 0; taken <= made.length; taken++) {
          const places = order.places(newestFirst, most, last);
          expect(places.length).toBeLessThanOrEqual(most);
          for (const { object, name } of places) {
            if (object === undefined) continue;
            expect(object.metadata.name).toBe(name);
            found.push(object);
          }
          if (places.length < most) break;
          last = places.at(-1);
        }
        expect(found).toEqual([...order.walk(newestFirst)]);
      },
    ),
    { seed: 11, numRuns: Number(process.env['OSMO_RUNS'] ?? 300) },
  );
});

test('a page says whether there is more, and walks no further than it must', () => {
  let walked = 0;
  function* all(): Generator<number> {
    for (let number = 0; number < 1000; number++) {
      walked++;
      yield number;
    }
  }
  const even = (number: number): boolean => number % 2 === 0;
  expect(pageOf(all(), even, { offset: 2, limit: 3 })).toEqual({ items: [4, 6, 8], more: true, passed: 5 });
  expect(walked).toBe(11);
  expect(pageOf(all(), even, { offset: 499, limit: 3 })).toEqual({ items: [998], more: false, passed: 500 });
  expect(pageOf([], even, { offset: 0, limit: 3 })).toEqual({ items: [], more: false, passed: 0 });
});

describe('a page of very many', () => {
  const never = new AbortController().signal;
  const all = { passes: () => true };
  const many = (count: number): Cache => {
    const cache = new Cache();
    for (let index = 0; index < count; index++) cache.set(`w${String(index).padStart(5, '0')}`, index % 60);
    return cache;
  };

  test.each([true, false])(
    'is the one that would be there if it were looked at at once (newest first: %j)',
    async (newestFirst) => {
      const order = new CreationOrder(many(5_000).informer);
      const ends = ({ metadata }: Workflow): boolean => metadata.name.endsWith('99');
      let pauses = 0;
      const pause = async (): Promise<void> => void pauses++;
      for (const page of [
        { offset: 0, limit: 20 },
        { offset: 3, limit: 7 },
        { offset: 45, limit: 20 },
        { offset: 60, limit: 1 },
      ]) {
        // oxlint-disable-next-line no-await-in-loop
        const sliced = await pageInSlices(order, newestFirst, { passes: ends }, page, never, pause);
        expect(sliced).toEqual(pageOf(order.walk(newestFirst), ends, page));
      }
      expect(pauses).toBeGreaterThanOrEqual(4);
    },
  );

  test.each(['w0', '99', '4999', 'nothing', '0*7', '(11|22)3'])(
    'is the same whether names are asked for first or last: %j',
    async (pattern) => {
      const cache = many(5_000);
      const order = new CreationOrder(cache.informer);
      // In their places before they go.
      order.places(true, 1);
      for (let index = 0; index < 200; index++) cache.delete(`w${String(index * 3).padStart(5, '0')}`);
      const named = nameFilter(pattern) ?? (() => true);
      const isNamed = ({ metadata }: Workflow): boolean => named(metadata.name);
      const isOdd = ({ metadata }: Workflow): boolean => Number(metadata.name.slice(1)) % 2 === 1;
      const pause = async (): Promise<void> => undefined;
      for (const newestFirst of [true, false]) {
        for (const offset of [0, 13]) {
          const page = { offset, limit: 20 };
          const looked: Workflow[] = [];
          const passes = (workflow: Workflow): boolean => {
            looked.push(workflow);
            return isOdd(workflow);
          };
          const tests = { placed: ({ name }: Place) => named(name), passes };
          // oxlint-disable-next-line no-await-in-loop
          const sliced = await pageInSlices(order, newestFirst, tests, page, never, pause);
          expect(sliced).toEqual(pageOf(order.walk(newestFirst), (each) => isNamed(each) && isOdd(each), page));
          // Objects of other names are left alone.
          expect(looked.every(isNamed)).toBe(true);
        }
      }
    },
  );

  test('gives way after two thousand places, whether their objects are looked at, or there, or neither', async () => {
    const cache = many(9_000);
    const order = new CreationOrder(cache.informer);
    // In their places before they go.
    order.places(true, 1);
    for (let index = 0; index < 2_000; index++) cache.delete(`w${String(index).padStart(5, '0')}`);
    const slices = [0];
    const placed = ({ name }: Place): boolean => {
      slices[slices.length - 1] = (slices.at(-1) ?? 0) + 1;
      return name === 'w08999';
    };
    const pause = async (): Promise<void> => void slices.push(0);
    const { items } = await pageInSlices(order, false, { placed, ...all }, { offset: 0, limit: 20 }, never, pause);
    expect(names(items)).toEqual(['w08999']);
    expect(slices).toEqual([2_000, 2_000, 2_000, 2_000, 1_000]);
  });

  test.each([0, 1, 1_999, 2_000, 2_001, 4_000])('ends where %j end', async (count) => {
    const order = new CreationOrder(many(count).informer);
    const pause = async (): Promise<void> => undefined;
    const { items, more } = await pageInSlices(order, false, all, { offset: 0, limit: count }, never, pause);
    expect([items.length, more]).toEqual([count, false]);
  });

  test.each([
    ['all', all],
    ['names', { ...all, placed: ({ name }: Place) => !name.endsWith('7') }],
    ['no name that stays', { ...all, placed: ({ name }: Place) => name.startsWith('new') }],
  ])('has nothing twice, and all that stays, whatever comes and goes between slices: %s', async (_, tests) => {
    const cache = many(5_000);
    const order = new CreationOrder(cache.informer);
    let pauses = 0;
    const pause = async (): Promise<void> => {
      pauses++;
      // The last one that was looked at may be among these.
      for (let index = pauses; index < 5_000; index += 3) cache.delete(`w${String(index).padStart(5, '0')}`);
      for (let index = 0; index < 50; index++) cache.set(`new-${pauses}-${index}`, index);
    };
    const page = { offset: 0, limit: 10_000 };
    const { items } = await pageInSlices(order, true, tests, page, never, pause);
    const found = names(items);
    expect(new Set(found).size).toBe(found.length);
    const { placed = () => true }: Tests<Workflow> = tests;
    const stayed = cache.sorted().filter((name) => name.startsWith('w') && placed({ time: '', namespace: '', name }));
    expect(stayed.filter((name) => !found.includes(name))).toEqual([]);
    expect(pauses).toBeGreaterThan(0);
  });

  test.each([
    ['objects', { passes: () => false }],
    ['places', { ...all, placed: () => false }],
  ])('is looked for no further once nobody waits for it: %s', async (_, tests) => {
    const order = new CreationOrder(many(5_000).informer);
    const gone = new AbortController();
    const pause = async (): Promise<void> => gone.abort(new Error('hung up'));
    const page = { offset: 0, limit: 20 };
    await expect(pageInSlices(order, true, tests, page, gone.signal, pause)).rejects.toThrow('hung up');
  });
});
