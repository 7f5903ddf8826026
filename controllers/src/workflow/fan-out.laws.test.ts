import { expect, test } from '@jest/globals';
import type { Task, TaskPhase, TaskTemplate } from '@osmo/crds';
import fc from 'fast-check';
import { pool, template, workflow } from '../testing/objects.ts';
import { Simulation } from '../testing/simulation.ts';
import { compileGraph, withDependents } from '@osmo/workflow-spec/graph';
import { applyTaskChange, newProgress, rebuildProgress } from './progress.ts';
import { taskFor } from './tasks.ts';

interface Entry {
  size: number;
  maxParallel: number | undefined;
  /** Earlier entries, and whether all of it is needed or the same index. */
  needs: { entry: number; same: boolean }[];
}

const anyEntries: fc.Arbitrary<Entry[]> = fc
  .array(
    fc.record({
      size: fc.constantFrom(1, 2, 3, 3, 3, 5),
      maxParallel: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      needs: fc.array(fc.tuple(fc.nat(6), fc.boolean()), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((shapes) =>
    shapes.map(({ size, maxParallel, needs }, index) => ({
      size,
      maxParallel,
      needs: [...new Map(needs.map(([entry, same]) => [entry, same])).entries()]
        .filter(([entry]) => entry < index)
        .map(([entry, same]) => ({ entry, same: same && shapes[entry]?.size === size })),
    })),
  );

const tasksOf = (entries: readonly Entry[]): TaskTemplate[] =>
  entries.map(({ size, maxParallel, needs }, index) =>
    template(`e${index}`, {
      count: size,
      maxParallel,
      inputs: needs.map(({ entry, same }) => ({
        task: { name: `e${entry}`, ...(same && { instances: 'Same' as const }) },
      })),
    }),
  );

type Outcome = 'Completed' | 'Failed' | 'Upstream';

/** What must become of each instance, from the entries alone. */
function expected(entries: readonly Entry[], fails: (entry: number, instance: number) => boolean): Outcome[][] {
  const outcomes: Outcome[][] = [];
  for (const [index, { size, needs }] of entries.entries()) {
    const outcome = (instance: number): Outcome => {
      const needed = needs.flatMap(({ entry, same }) =>
        same ? [outcomes[entry]?.[instance]] : (outcomes[entry] ?? []),
      );
      if (needed.some((each) => each !== 'Completed')) return 'Upstream';
      return fails(index, instance) ? 'Failed' : 'Completed';
    };
    outcomes.push(Array.from({ length: size }, (_, instance) => outcome(instance)));
  }
  return outcomes;
}

const over = (phase: string | undefined): boolean => phase === 'Completed' || phase === 'Failed';

test('instances end as the rules say, never more at a time than allowed, through restarts of the controller', () => {
  const dice = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });
  const limit = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
  fc.assert(
    fc.property(anyEntries, limit, dice, (entries, maxParallel, rolls) => {
      const spec = { tasks: tasksOf(entries), ...(maxParallel !== undefined && { maxParallel }) };
      const run = new Simulation(workflow(spec));
      const fails = (entry: number, instance: number): boolean => (rolls[(entry * 7 + instance) % 60] ?? 1) % 5 === 0;
      for (let round = 0; round < 500 && run.workflow.status?.completionTime === undefined; round++) {
        const roll = rolls[round % 60] ?? 0;
        if (roll % 11 === 0) run.restart();
        run.reconcile();
        run.advance(300);
        const open = [...run.tasks.values()].filter(({ status }) => !over(status?.phase));
        if (maxParallel !== undefined) expect(open.length).toBeLessThanOrEqual(maxParallel);
        for (const [index, entry] of entries.entries()) {
          const own = open.filter((task) => task.spec.fanOut?.name === `e${index}`);
          if (entry.maxParallel !== undefined) expect(own.length).toBeLessThanOrEqual(entry.maxParallel);
        }
        const task = open[roll % Math.max(1, open.length)];
        if (task === undefined) continue;
        const { name = '', index = 0 } = task.spec.fanOut ?? {};
        const failed = fails(Number(name.slice(1)), index);
        run.setTask(
          task.metadata.name,
          failed ? { phase: 'Failed', reason: 'Error', exitCode: 1 } : { phase: 'Completed', exitCode: 0 },
        );
      }
      const want = expected(entries, fails).flat();
      const count = (outcome: Outcome): number => want.filter((each) => each === outcome).length;
      expect(run.workflow.status?.groupCounts).toEqual({
        total: want.length,
        waiting: 0,
        active: 0,
        completed: count('Completed'),
        failed: count('Failed'),
        upstream: count('Upstream'),
      });
      for (const [index, outcomes] of expected(entries, fails).entries()) {
        for (const [instance, outcome] of outcomes.entries()) {
          const phase = run.tasks.get(`wf.e${index}-${instance}`)?.status?.phase;
          expect([index, instance, phase ?? 'Upstream']).toEqual([index, instance, outcome]);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('all that depends on a group is found, through joins, each once', () => {
  fc.assert(
    fc.property(anyEntries, fc.nat(), (entries, pick) => {
      const run = new Simulation(workflow({ tasks: tasksOf(entries) }));
      run.reconcile();
      const { compiled } = run.records.recordOf(run.workflow);
      if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
      const { graph } = compiled;
      const start = pick % graph.groups.length;
      // Straight from the entries: instance (e, i) depends on (d, j) by All, or by Same where i = j.
      const key = (entry: number, instance: number): string => `e${entry}-${instance}`;
      const found = new Set([graph.groups[start]?.tasks[0]?.name ?? '']);
      for (const [index, { size, needs }] of entries.entries()) {
        for (let instance = 0; instance < size; instance++) {
          const hit = needs.some(({ entry, same }) =>
            same
              ? found.has(key(entry, instance))
              : Array.from({ length: entries[entry]?.size ?? 0 }, (_, at) => at).some((at) =>
                  found.has(key(entry, at)),
                ),
          );
          if (hit) found.add(key(index, instance));
        }
      }
      const names = [...withDependents(graph, [start])].map((index) => graph.groups[index]?.tasks[0]?.name ?? '');
      expect(names.toSorted()).toEqual([...found].toSorted());
    }),
    { numRuns: 200 },
  );
});

test('after any history of changes, joins and lanes are those of the Tasks that are left', () => {
  const change = fc.tuple(
    fc.nat(),
    fc.constantFrom<TaskPhase | undefined>('Running', 'Completed', 'Failed', undefined),
  );
  fc.assert(
    fc.property(anyEntries, fc.array(change, { maxLength: 60 }), (entries, changes) => {
      const owner = workflow({ tasks: tasksOf(entries) });
      const { graph } = compileGraph(owner.spec);
      if (graph === undefined) throw new Error('no graph');
      const context = { workflow: owner, graph, pool: pool(), platforms: new Map() };
      const progress = newProgress(graph);
      const left = new Map<number, Task>();
      for (const [pick, phase] of changes) {
        const task = graph.tasks[pick % graph.tasks.length];
        if (task === undefined) continue;
        const now = phase && { ...taskFor(task, context), status: { conditions: [], attempt: 0, phase } };
        applyTaskChange(progress, left.get(task.index), now);
        if (now === undefined) left.delete(task.index);
        else left.set(task.index, now);
      }
      // Sets are equal whatever their order.
      expect(progress).toEqual(rebuildProgress(graph, [...left.values()].toReversed()));
    }),
    { numRuns: 200 },
  );
});
