import { expect, test } from '@jest/globals';
import type { Task, TaskStatus, WorkflowSpec } from '@osmo/crds';
import fc from 'fast-check';
import { anySpec } from '../testing/graphs.ts';
import { workflow } from '../testing/objects.ts';
import { isEmpty, Simulation } from '../testing/simulation.ts';
import { compileGraph, type Graph } from '@osmo/workflow-spec/graph';

const simulate = (spec: Partial<WorkflowSpec>): Simulation => new Simulation(workflow(spec));
const names = (simulation: Simulation): string[] => [...simulation.tasks.keys()].toSorted();

type Outcome = 'Completed' | 'Failed' | 'Upstream';

/** What must come out, straight from the rules: slow, and without anything that the product uses. */
function expected(graph: Graph, fails: (task: string) => boolean): Outcome[] {
  const outcomes: (Outcome | undefined)[] = graph.groups.map(() => undefined);
  const decide = (index: number): Outcome => {
    const group = graph.groups[index];
    if (group === undefined) throw new Error('no group');
    const upstream = group.upstream.map((each) => (outcomes[each] ??= decide(each)));
    if (upstream.some((outcome) => outcome !== 'Completed')) return 'Upstream';
    const counted = group.ignoreNonleadStatus ? group.tasks.filter((task) => task.lead) : group.tasks;
    return counted.some((task) => fails(task.name)) ? 'Failed' : 'Completed';
  };
  return graph.groups.map((_, index) => (outcomes[index] ??= decide(index)));
}

const progressOf = (phase: TaskStatus['phase'] | undefined): TaskStatus['phase'] | 'end' =>
  phase === undefined || phase === 'Pending' ? 'Scheduling' : phase === 'Scheduling' ? 'Running' : 'end';

test('a random graph with random failures, restarts and pauses ends as the rules say, whatever the order', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('task', 'task', 'task', 'reconcile', 'restart', 'wait'), fc.nat()), {
    minLength: 20,
    maxLength: 200,
  });
  fc.assert(
    fc.property(anySpec(), fc.array(fc.nat(2), { minLength: 40, maxLength: 40 }), steps, (spec, dice, script) => {
      const run = simulate(spec);
      const { graph } = compileGraph(run.workflow.spec);
      if (graph === undefined) throw new Error('no graph');
      const fails = (name: string): boolean => dice[(graph.taskByName.get(name)?.index ?? 0) % dice.length] === 0;
      const active = (): string[] =>
        [...run.tasks.values()]
          .filter(isOpen(run))
          .map((task) => task.metadata.name)
          .toSorted();
      const move = (pick: number): void => {
        const open = active();
        const name = open[pick % open.length];
        if (name === undefined) return;
        const task = run.tasks.get(name);
        const next = progressOf(task?.status?.phase);
        if (next !== 'end') return run.setTask(name, { phase: next });
        const failed = fails(task?.spec.taskName ?? '');
        run.setTask(
          name,
          failed ? { phase: 'Failed', reason: 'Error', exitCode: 1 } : { phase: 'Completed', exitCode: 0 },
        );
      };
      for (const [step, pick] of script) {
        if (step === 'task') move(pick);
        else if (step === 'restart') run.restart();
        else if (step === 'wait') run.advance((pick % 50) * 100);
        else run.reconcile();
      }
      for (let round = 0; round < 500 && run.workflow.status?.completionTime === undefined; round++) {
        run.reconcile();
        run.advance(300);
        move(round);
      }
      const want = expected(graph, fails);
      const count = (outcome: Outcome): number => want.filter((each) => each === outcome).length;
      expect(run.workflow.status?.groupCounts).toEqual({
        total: want.length,
        waiting: 0,
        active: 0,
        completed: count('Completed'),
        failed: count('Failed'),
        upstream: count('Upstream'),
      });
      expect(run.workflow.status?.phase).toBe(count('Failed') === 0 ? 'Completed' : 'Failed');
      const ran = graph.groups.filter((_, index) => want[index] !== 'Upstream').flatMap((group) => group.tasks);
      expect(run.tasks.size).toBe(ran.length);
      expect(isEmpty(run.plan())).toBe(true);
    }),
    { numRuns: 300 },
  );
});

// A backend starts a group only when all its Tasks are there.
function isOpen(run: Simulation): (task: Task) => boolean {
  const sizes = new Map<string, number>();
  for (const task of run.tasks.values()) sizes.set(task.spec.group.name, (sizes.get(task.spec.group.name) ?? 0) + 1);
  return (task) =>
    task.status?.phase !== 'Completed' &&
    task.status?.phase !== 'Failed' &&
    sizes.get(task.spec.group.name) === task.spec.group.size;
}

test('once done, a plan is empty, and time alone changes no condition and no phase', () => {
  const moves = fc.array(
    fc.tuple(fc.nat(), fc.constantFrom<TaskStatus['phase']>('Scheduling', 'Running', 'Completed', 'Failed')),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(anySpec(), moves, fc.nat(100_000), (spec, script, pause) => {
      const run = simulate(spec);
      run.settle();
      for (const [pick, phase] of script) {
        const name = names(run)[pick % run.tasks.size];
        if (name !== undefined) run.setTask(name, { phase, ...(phase === 'Failed' && { reason: 'Error' }) });
        run.settle();
        expect(isEmpty(run.plan())).toBe(true);
      }
      // Long enough to be admitted, and then to be told what it waits for.
      for (let look = 0; look < 2; look++) {
        run.advance(60_000);
        run.settle();
      }
      const before = run.workflow.status;
      run.advance(pause);
      run.restart();
      run.settle();
      expect(run.workflow.status).toEqual(before);
    }),
    { numRuns: 150 },
  );
});
