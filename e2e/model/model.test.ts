import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyWorkflow, busy, faulty, type ModelWorkflow, quiet, type Step } from './arbitrary.ts';
import { Archivist } from './archivist.ts';
import { Play } from './play.ts';
import type { Outcome } from './scripts.ts';
import { endOfTask, endsOfGroup, outcomesOfWorkflow } from './reference.ts';

/** A full run, with what must hold whatever happened in it. */
function play(model: ModelWorkflow, steps: readonly Step[], hasUsers = false): Play {
  const run = new Play(model);
  for (const step of steps) {
    run.act(step);
    expect(run.store.violations).toEqual([]);
    // Users may change limits, and run again what runs.
    const beyond = hasUsers ? [] : run.active().filter(({ active, limit: most = active }) => active > most);
    expect(beyond).toEqual([]);
  }
  run.drain();
  expect(run.store.violations).toEqual([]);
  expectConsistent(run);
  return run;
}

/** The end agrees with what the Tasks say, and nothing is left running. */
function expectConsistent(run: Play): void {
  const { status } = run.store.workflow;
  expect(['Completed', 'Failed']).toContain(status?.phase);
  const outcomes = outcomesOfWorkflow(run.model, (group) => run.tasksOf(group));
  const open = [...outcomes].filter(([, outcome]) => outcome === 'Open');
  if (!run.canceled) expect(open).toEqual([]);
  const numberOf = (wanted: string): number => [...outcomes.values()].filter((outcome) => outcome === wanted).length;
  if (!run.canceled) {
    expect(status?.groupCounts).toMatchObject({
      total: run.model.groups.length,
      waiting: 0,
      active: 0,
      completed: numberOf('Completed'),
      failed: numberOf('Failed'),
      upstream: numberOf('Upstream'),
    });
    expect(status?.phase).toBe(numberOf('Failed') === 0 ? 'Completed' : 'Failed');
  }
  for (const task of run.store.tasks.values()) {
    expect(['Completed', 'Failed']).toContain(task.status?.phase);
    expect(task.status?.run ?? 0).toBe(task.spec.run ?? 0);
  }
  const live = [...run.store.pods.values()].filter((pod) => pod.status?.phase === 'Running');
  expect(live.map((pod) => pod.metadata.name)).toEqual([]);
}

/** The end is the one that the scripts lead to. */
function expectScripted(run: Play): void {
  for (const group of run.model.groups) {
    const tasks = run.tasksOf(group);
    if (tasks.length === 0) continue;
    const [alone, ...others] = group.tasks;
    if (alone !== undefined && others.length === 0) {
      const { phase, reason } = endOfTask(alone, 0);
      const found = tasks[0]?.status;
      expect({ name: alone.name, phase: found?.phase, reason: found?.reason }).toEqual({
        name: alone.name,
        phase,
        reason,
      });
    } else {
      const lead = tasks.find(({ spec }) => spec.lead)?.status?.phase;
      expect(endsOfGroup(group, 0)).toContain(lead);
    }
  }
}

function expectNothingLeft({ store: { tasks, pods, services } }: Play): void {
  expect([...tasks.keys(), ...pods.keys(), ...services.keys()]).toEqual([]);
}

const limit = 5;
const ttlSeconds = 600;
const failure: Outcome = { kind: 'exit', code: 1 };
/** `OSMO_RUNS` searches longer, `OSMO_TEST_SEED` elsewhere; a failure prints its seed and path. */
const runs = (usual: number): number => Number(process.env['OSMO_RUNS'] ?? usual);

describe('a random workflow on a simulated cluster', () => {
  test('undisturbed, ends as its scripts say, with few writes', () => {
    fc.assert(
      fc.property(anyWorkflow(limit), quiet, (model, steps) => {
        const run = play(model, steps);
        expectScripted(run);
        const tasks = run.store.tasks.size;
        const attempts = [...run.store.created.values()].reduce((sum, times) => sum + times, 0);
        expect(run.store.writes).toBeLessThanOrEqual(5 + model.groups.length * 4 + tasks * 2 + attempts * 7);
      }),
      { numRuns: runs(400) },
    );
  }, 600_000);

  test('with processes that die anywhere and pods that are taken away, ends with every promise kept', () => {
    fc.assert(
      fc.property(anyWorkflow(limit), faulty, (model, steps) => {
        const run = play(model, steps);
        if (!run.disturbed) expectScripted(run);
      }),
      { numRuns: runs(600) },
    );
  }, 600_000);

  test('with users who cancel, suspend and restart in between, ends with every promise kept', () => {
    fc.assert(
      fc.property(anyWorkflow(limit), busy, (model, steps) => {
        const run = play(model, steps, true);
        if (run.canceled && run.restarts === 0) {
          const { phase, reason } = run.store.workflow.status ?? {};
          if (phase === 'Failed') expect(reason).toBeDefined();
        }
      }),
      { numRuns: runs(800) },
    );
  }, 600_000);

  test('deleted by somebody at any time, leaves nothing', () => {
    fc.assert(
      fc.property(anyWorkflow(limit), busy, fc.nat(), fc.array(fc.nat(1000)), (model, steps, when, picks) => {
        const run = new Play(model);
        const at = when % (steps.length + 1);
        for (const [index, step] of steps.entries()) {
          if (index === at) run.store.deleteWorkflow();
          run.act(step);
          if (index > at) run.store.collectTask(picks[index % Math.max(picks.length, 1)] ?? 0);
        }
        run.store.deleteWorkflow();
        run.drain();
        expect(run.store.violations).toEqual([]);
        expectNothingLeft(run);
      }),
      { numRuns: runs(100) },
    );
  }, 600_000);

  test('goes to the archive as it ended, all of it, and then is gone, whoever runs it again in between', () => {
    fc.assert(
      fc.property(anyWorkflow(limit), busy, fc.nat(2), (model, steps, meddlings) => {
        const run = play(model, steps, true);
        run.store.time += ttlSeconds;
        const archivist = new Archivist(run.store, run.hub, ttlSeconds);
        for (let meddling = 0; meddling < meddlings; meddling += 1) {
          run.readAll();
          archivist.record();
          const former = run.store.workflow.status?.run ?? 0;
          if (run.canceled) run.store.editWorkflow({ cancel: undefined });
          run.restart({});
          expect(archivist.remove()).toBe(false);
          run.drain();
          expect(run.store.violations).toEqual([]);
          expect(run.store.workflow.status?.run ?? 0).toBeGreaterThanOrEqual(former);
        }
        run.readAll();
        run.store.time += ttlSeconds;
        const { workflow } = run.store;
        const tasks = [...run.store.tasks.values()];
        expect(archivist.record()).toEqual({ workflow, tasks });
        expect(archivist.remove()).toBe(true);
        run.drain();
        expectNothingLeft(run);
      }),
      { numRuns: runs(100) },
    );
  }, 600_000);

  test('a cancellation that overtakes a restart ends what was told of it already', () => {
    const task = { name: 't', group: 'g', lead: true, script: [failure], again: [failure] };
    const group = { name: 'g', barrier: false, ignoreNonleadStatus: false, needs: [], tasks: [task] };
    const run = new Play({ groups: [group] });
    run.drain();
    run.restart({});
    run.readAll();
    run.hub.reconcile();
    run.act(['cancel', 1, 0]);
    run.drain();
    expectConsistent(run);
    expect([...run.store.tasks.values()].map(({ status }) => status?.reason)).toEqual(['Canceled']);
  });

  test('of a task whose Task somebody deletes while its command runs no second pod runs beside the first', () => {
    const task = { name: 't', group: 'g', lead: true, script: [{ kind: 'forever' as const }], again: [failure] };
    const group = { name: 'g', barrier: false, ignoreNonleadStatus: false, needs: [], tasks: [task] };
    const run = new Play({ groups: [group] });
    const turn = (): void => {
      run.readAll();
      run.hub.reconcile();
      for (const key of run.operator.groups()) run.operator.reconcile(key);
    };
    const phases = (): unknown[] => [...run.store.pods.values()].map((pod) => pod.status?.phase);
    for (let round = 0; round < 4; round += 1) {
      turn();
      run.kubelet.step(0);
    }
    expect(phases()).toEqual(['Running']);
    run.act(['deleteTask', 0, 0]);
    for (let round = 0; round < 4; round += 1) turn();
    // The node takes its time: the command still runs.
    expect(run.store.tasks.size).toBe(1);
    expect(phases()).toEqual(['Running']);
    run.drain();
    expect(run.store.violations).toEqual([]);
    expectConsistent(run);
  });
});
