import { expect, test } from '@jest/globals';
import { Labels, type DatasetVersion, type Task, type TaskTemplate, type WorkflowSpec } from '@osmo/crds';
import { compileGraph, type Graph } from '@osmo/workflow-spec/graph';
import fc from 'fast-check';
import { bucket, dataset, manifestOf, version, wrote } from '../../testing/data.ts';
import { anySpec } from '../../testing/graphs.ts';
import { workflow } from '../../testing/objects.ts';
import { phaseOf, SimulatedBackend } from '../../testing/simulated-backend.ts';
import { isEmpty, Simulation } from '../../testing/simulation.ts';
import { isFinal } from '../status.ts';

/** `OSMO_RUNS` are more, for runs by hand. */
const numRuns = Number(process.env['OSMO_RUNS'] ?? 100);
const names = ['d0', 'd1'] as const;

interface Story {
  readonly spec: Pick<WorkflowSpec, 'tasks' | 'groups'>;
  /** By task, in turn: the dataset that it writes and the one that it reads, if any. */
  readonly uses: readonly { readonly writes: number; readonly reads: number }[];
  readonly fails: readonly boolean[];
  /** In turn: how many of a plan's writes are done before the process dies; beyond them it lives. */
  readonly deaths: readonly number[];
  readonly moves: readonly number[];
  /** Tasks that are run again after the end, in turn. */
  readonly again: readonly number[];
}

const anyStory: fc.Arbitrary<Story> = fc.record({
  spec: anySpec(6),
  uses: fc.array(fc.record({ writes: fc.nat(3), reads: fc.nat(4) }), { minLength: 1, maxLength: 6 }),
  fails: fc.array(
    fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
    { minLength: 1, maxLength: 12 },
  ),
  deaths: fc.array(fc.nat(12), { minLength: 1, maxLength: 20 }),
  moves: fc.array(fc.nat(20), { minLength: 1, maxLength: 20 }),
  again: fc.array(fc.nat(20), { maxLength: 2 }),
});

/** The tasks with the datasets that they use, in the order of the spec. */
function withData({ spec, uses }: Story): Pick<WorkflowSpec, 'tasks' | 'groups'> {
  let count = 0;
  const decorated = (task: TaskTemplate): TaskTemplate => {
    const { writes, reads } = uses[count++ % uses.length]!;
    const [to, from] = [names[writes], names[reads]];
    return {
      ...task,
      ...(from !== undefined && { inputs: [...(task.inputs ?? []), { dataset: { name: from } }] }),
      ...(to !== undefined && { outputs: [{ dataset: { name: to } }] }),
    };
  };
  return {
    ...(spec.tasks !== undefined && { tasks: spec.tasks.map(decorated) }),
    ...(spec.groups !== undefined && {
      groups: spec.groups.map((group) => ({ ...group, tasks: group.tasks.map(decorated) })),
    }),
  };
}

const originOf = ({ metadata, spec }: Task): string => `${metadata.uid}.${spec.run ?? 0}.0.0`;
const madeFor = (run: Simulation, origin: string): DatasetVersion[] =>
  [...run.versions.values()].filter(({ metadata }) => metadata.labels?.[Labels.origin] === origin);

/** What is about to start has all that its upstream wrote on record, and reads nothing older. */
function checkStarts(run: Simulation, graph: Graph): void {
  for (const task of run.tasks.values()) {
    if (phaseOf(task) !== 'Pending' || task.spec.hold === true) continue;
    const group = graph.groupByName.get(task.spec.group.name);
    for (const upstream of (group?.upstream ?? []).flatMap((index) => graph.groups[index]?.tasks ?? [])) {
      const writer = run.tasks.get(`wf.${upstream.name}`)!;
      if (writer.status?.phase !== 'Completed' || writer.status.data === undefined) continue;
      const [made, ...more] = madeFor(run, originOf(writer));
      expect([made?.spec.manifest, more]).toEqual([writer.status.data.outputs?.[0]?.manifest, []]);
      const read = task.spec.data?.inputs?.find(({ url }) => url !== undefined)?.dataset;
      if (made !== undefined && `robots.${read?.name}` === made.spec.dataset) {
        expect(read?.version).toBeGreaterThanOrEqual(made.spec.version);
      }
    }
  }
}

function play(story: Story): { written: Map<string, string>; run: Simulation } {
  const run = new Simulation(workflow(withData(story)));
  run.buckets.set('robots', bucket());
  for (const name of names) run.datasets.set(`robots.${name}`, dataset(name));
  for (const name of names) run.versions.set(`robots.${name}.1`, version(name, 1));
  const { graph } = compileGraph(run.workflow.spec);
  if (graph === undefined) throw new Error('no graph');
  /** Manifests by what they were made for. */
  const written = new Map<string, string>();
  let turn = 0;
  const next = <T>(values: readonly T[]): T => values[turn++ % values.length]!;
  const backend = new SimulatedBackend(
    run,
    graph,
    () => (next(story.fails) ? 'Failed' : 'Completed'),
    (task) => {
      if (task.spec.data?.outputs === undefined) return {};
      const word = originOf(task);
      written.set(word, manifestOf(word));
      return { data: wrote(word) };
    },
  );
  const settle = (): void => {
    for (let round = 0; round < 300; round++) {
      const plan = run.plan();
      if (isEmpty(plan)) return checkStarts(run, graph);
      const death = next(story.deaths);
      if (death < 3) run.crash(death);
      // After three writes in a row that nobody survived it lives on.
      if (death >= 3 || round % 4 === 3) run.reconcile();
      checkStarts(run, graph);
      run.advance(1100);
    }
    throw new Error('the plan never becomes empty');
  };
  const runToEnd = (): void => {
    for (let round = 0; round < 400; round++) {
      settle();
      if (!backend.move(next(story.moves))) return;
    }
    throw new Error('the story never ends');
  };
  runToEnd();
  for (const [id, pick] of story.again.entries()) {
    const task = graph.tasks[pick % graph.tasks.length]!;
    run.edit({ restart: { id: String(id), tasks: [task.name] } });
    runToEnd();
  }
  return { written, run };
}

test('whatever runs and whenever the process dies, each output is one version, there before whoever needs it starts', () => {
  let published = 0;
  fc.assert(
    fc.property(anyStory, (story) => {
      const { written, run } = play(story);
      expect(isFinal(run.workflow.status)).toBe(true);
      const own = [...run.versions.values()].filter(({ metadata }) => metadata.labels?.[Labels.origin] !== undefined);
      const made = own.map(({ metadata, spec }) => `${metadata.labels![Labels.origin]} ${spec.manifest}`);
      const wanted = [...written].map(([origin, manifest]) => `${origin} ${manifest}`);
      expect(made.toSorted()).toEqual(wanted.toSorted());
      for (const name of names) {
        const numbers = [...run.versions.values()]
          .filter(({ spec }) => spec.dataset === `robots.${name}`)
          .map(({ spec }) => spec.version)
          .toSorted((a, b) => a - b);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      }
      published += made.length;
    }),
    { numRuns },
  );
  expect(published).toBeGreaterThan(numRuns / 2);
});
