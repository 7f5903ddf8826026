import { describe, expect, test } from '@jest/globals';
import { fanOut } from '../testing/graphs.ts';
import { after, pool, template, workflow } from '../testing/objects.ts';
import { counting } from '../testing/counting.ts';
import { Simulation } from '../testing/simulation.ts';
import { observeWorkflow, type WorkflowSources } from './observe.ts';
import { planWorkflow } from './plan.ts';

describe('the cost of a reconcile', () => {
  /** Everything that is read of objects, caches and records from a change of one task to the plan that follows it. */
  function readsOf(width: number): number {
    const run = new Simulation(workflow(fanOut(width)));
    run.settle();
    run.setTask('wf.first', { phase: 'Completed' });
    run.settle();
    for (let index = 0; index < width; index++) run.setTask(`wf.mid-${index}`, { phase: 'Running' });
    run.advance(5000);
    run.settle();
    const counter = { reads: 0 };
    const record = run.records.recordOf(run.workflow);
    if ('problems' in record.compiled) throw new Error('unexpected');
    const { progress, ...compiled } = record.compiled;
    const counted = counting({ graph: compiled.graph, needs: compiled.needs, progress }, counter);
    Object.assign(record, { compiled: { ...compiled, ...counted } });
    const sources: WorkflowSources = {
      ...run.sources,
      workflow: () => counting(run.workflow, counter),
      task: (_, name) => {
        const task = run.tasks.get(name);
        return task === undefined ? undefined : counting(task, counter);
      },
    };
    run.advance(5000);
    run.setTask('wf.mid-0', { phase: 'Completed' });
    const world = observeWorkflow({ namespace: 'lab', name: 'wf' }, run.now, sources, run.records);
    if (world === undefined) throw new Error('nothing to do');
    expect(planWorkflow(world).status?.taskCounts).toMatchObject({ completed: 2, active: width - 1 });
    return counter.reads;
  }

  test('is the same for 100, 1,000 and 2,000 tasks', () => {
    const reads = [100, 1000, 2000].map(readsOf);
    expect(new Set(reads).size).toBe(1);
    expect(reads[0]).toBeGreaterThan(100);
  });
});

test('admission is asked again only when something it depends on has changed', () => {
  const run = new Simulation(workflow({ tasks: [template('a'), after('b', 'a')] }));
  run.pools.clear();
  run.settle();
  const record = run.records.recordOf(run.workflow);
  const first = record.admission?.answer;
  run.settle();
  expect(record.admission?.answer).toBe(first);
  run.pools.set('default', pool());
  run.settle();
  expect(record.admission?.answer).toMatchObject({ verdict: 'admitted' });
});

test('a workflow that has ended is forgotten, and nothing is decided about it again', () => {
  const run = new Simulation(workflow({ tasks: [template('a')] }));
  run.settle();
  expect(run.records.size).toBe(1);
  run.setTask('wf.a', { phase: 'Completed' });
  run.settle();
  expect(run.records.size).toBe(0);
  const written = run.statuses.length;
  run.putTask('wf.a', undefined);
  run.settle();
  expect(run.statuses).toHaveLength(written);
  expect(run.tasks.size).toBe(0);
});
