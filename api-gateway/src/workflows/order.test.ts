import { expect, test } from '@jest/globals';
import type { Workflow } from '@osmo/crds';
import type { Change, Informer } from '@osmo/kube';
import fc from 'fast-check';
import { workflowOf } from '../testing/objects.ts';
import { CreationOrder } from './order.ts';
import { pageOf } from './page.ts';

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

test('a page says whether there is more, and walks no further than it must', () => {
  let walked = 0;
  function* all(): Generator<number> {
    for (let number = 0; number < 1000; number++) {
      walked++;
      yield number;
    }
  }
  const even = (number: number): boolean => number % 2 === 0;
  expect(pageOf(all(), even, { offset: 2, limit: 3 })).toEqual({ items: [4, 6, 8], more: true });
  expect(walked).toBe(11);
  expect(pageOf(all(), even, { offset: 499, limit: 3 })).toEqual({ items: [998], more: false });
  expect(pageOf([], even, { offset: 0, limit: 3 })).toEqual({ items: [], more: false });
});
