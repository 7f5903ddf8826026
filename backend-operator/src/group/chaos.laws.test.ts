import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Script, Simulator } from '../testing/simulator.ts';
import { newGroup } from '../testing/tasks.ts';
import { isOver } from './status.ts';
import type { Task } from './task.ts';

const script: fc.Arbitrary<Script> = fc.oneof(
  fc.record({ exit: fc.constantFrom(0, 0, 3, 7) }),
  fc.constantFrom('forever', 'bad image', 'preempted', 'evicted', 'interrupted start', 'out of memory' as const),
);
const scripts = fc.array(script, { minLength: 1, maxLength: 4 });

const group = fc.record({
  size: fc.integer({ min: 1, max: 3 }),
  barrier: fc.boolean(),
  scheduler: fc.constantFrom('Default', 'KAI' as const),
  ignoreNonleadStatus: fc.boolean(),
  scripts: fc.record({ lead: scripts, 'peer-1': scripts, 'peer-2': scripts }),
  retries: fc.integer({ min: 0, max: 2 }),
  backoffSeconds: fc.constantFrom(0, 5),
  timeouts: fc.constantFrom({ execSeconds: 120, queueSeconds: 60 }, { execSeconds: 400 }),
});

type Kind =
  'step' | 'reconcile' | 'crash' | 'wait' | 'delete pod' | 'hold' | 'let go' | 'cancel' | 'restart' | 'half restart';
const kinds: Kind[] = ['delete pod', 'hold', 'let go', 'cancel', 'restart', 'half restart'];
const often: Kind[] = ['step', 'reconcile', 'crash', 'wait'];
const move = fc.record({ kind: fc.constantFrom(...often, ...often, ...often, ...kinds), n: fc.nat(7) });

function runOf(simulator: Simulator): number {
  return Math.max(...simulator.tasks.map(({ spec }) => spec.run ?? 0));
}

function play(simulator: Simulator, { kind, n }: { kind: Kind; n: number }): void {
  const one = (task: Task) => task === simulator.tasks[n % simulator.tasks.length];
  const deeds: Record<Kind, () => void> = {
    step: () => simulator.step(n),
    reconcile: () => void simulator.reconcile(),
    crash: () => void simulator.reconcile(n),
    wait: () => void (simulator.time += n),
    'delete pod': () => simulator.deletePod(n),
    hold: () => simulator.tell({ hold: true }, one),
    'let go': () => simulator.tell({ hold: false }),
    cancel: () => simulator.tell({ cancel: { force: n % 2 === 0 } }, one),
    restart: () => simulator.tell({ run: runOf(simulator) + 1, cancel: undefined }),
    'half restart': () => simulator.tell({ run: runOf(simulator) + 1 }, one),
  };
  deeds[kind]();
}

describe('planGroup under a hub, people and a cluster that do anything at any time', () => {
  test('every task ends; no attempt has two pods; nothing is half begun, goes back or stays behind', () => {
    fc.assert(
      fc.property(group, fc.array(move, { maxLength: 60 }), fc.boolean(), (wish, moves, turned) => {
        const { size, barrier, ignoreNonleadStatus, scheduler, retries, backoffSeconds, timeouts } = wish;
        const scheduling = { type: scheduler };
        const simulator = new Simulator(wish.scripts, { turned });
        const retryPolicy = { maxRetries: retries, maxInfrastructureRetries: retries, backoffSeconds };
        simulator.tasks.push(
          ...newGroup(size, { barrier, ignoreNonleadStatus }, { retryPolicy, timeouts, scheduling }),
        );
        for (const one of moves) play(simulator, one);
        // The hub comes to what it wanted, and lets everything go.
        simulator.tell({ run: runOf(simulator), hold: false });
        simulator.settle();
        expect(simulator.violations).toEqual([]);
        expect([...simulator.creations].filter(([, count]) => count > 1)).toEqual([]);
        expect(simulator.tasks.filter(({ status }) => !isOver(status?.phase))).toEqual([]);
        const alive = simulator.pods.filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending');
        expect(alive.map(({ metadata }) => metadata.name)).toEqual([]);
        for (const { spec, status } of simulator.tasks) {
          expect(status?.run ?? 0).toBe(spec.run ?? 0);
          expect(status?.retries?.user ?? 0).toBeLessThanOrEqual(retries);
          expect(status?.retries?.infrastructure ?? 0).toBeLessThanOrEqual(retries);
          const numbers = [...(status?.attempts ?? []).map(({ attempt }) => attempt), status?.attempt ?? 0];
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
          expect(new Set(numbers).size).toBe(numbers.length);
        }
        simulator.tasks = [];
        simulator.settle();
        expect(simulator.left()).toEqual([]);
      }),
      { numRuns: Number(process.env['OSMO_RUNS'] ?? 150) },
    );
  });
});
