import type { ExitAction, RetryPolicy, TaskTemplate, WorkflowSpec } from '@osmo/crds';
import fc from 'fast-check';
import { template } from '../../controllers/src/testing/objects.ts';
import type { Outcome } from './scripts.ts';

/** One task of a random workflow: what it says and what it does. */
export interface ModelTask {
  name: string;
  group: string;
  lead: boolean;
  exitActions?: ExitAction[];
  retryPolicy?: RetryPolicy;
  script: Outcome[];
  /** What it does in later runs. */
  again: Outcome[];
}

export interface ModelGroup {
  name: string;
  barrier: boolean;
  ignoreNonleadStatus: boolean;
  /** Leads of the groups that it needs. */
  needs: string[];
  tasks: ModelTask[];
  /** How the spec says it, where that is an entry of several: its instances are groups of their own here. */
  entry?: ModelEntry;
}

/** An entry with `count`, as one of its instances knows it. */
export interface ModelEntry {
  name: string;
  index: number;
  count: number;
  maxParallel?: number;
}

/** A random workflow with its scripts. */
export interface ModelWorkflow {
  groups: ModelGroup[];
  maxParallel?: number;
}

/** One thing that happens: its kind, something to choose by, and after how many effects a process dies. */
export type Step = readonly [kind: StepKind, pick: number, crash: number];
export type StepKind = (typeof quietSteps)[number] | (typeof faults)[number] | (typeof userSteps)[number];

const quietSteps = ['hub', 'operator', 'kubelet', 'kubelet', 'readTasks', 'readAll', 'time'] as const;
const faults = [
  'hubDies',
  'operatorDies',
  'hubCrash',
  'operatorCrash',
  'deletePod',
  'loseNode',
  'vanish',
  'services',
  'clocks',
] as const;
const userSteps = ['cancel', 'suspend', 'resume', 'restart', 'restartSome', 'maxParallel', 'deleteTask'] as const;

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Outcome>({ kind: 'exit', code: 0 }) },
  { weight: 4, arbitrary: fc.constantFrom(1, 2, 10, 137).map((code): Outcome => ({ kind: 'exit', code })) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('oom', 'evicted', 'preempted', 'nodeLost', 'imagePull')
      .map((kind): Outcome => ({ kind })),
  },
  { weight: 1, arbitrary: fc.constant<Outcome>({ kind: 'forever' }) },
);
const script = fc.array(outcome, { minLength: 1, maxLength: 4 });
const exitActions = fc.option(
  fc.constantFrom<ExitAction[]>(
    [{ action: 'Complete', exitCodes: '2' }],
    [{ action: 'Reschedule', exitCodes: '1-9' }],
    [
      { action: 'Fail', exitCodes: '1,3001' },
      { action: 'Reschedule', exitCodes: '0-200' },
    ],
    [{ action: 'Complete', exitCodes: '3004,3006' }],
  ),
  { nil: undefined },
);
const retryPolicy = fc.option(
  fc.record(
    {
      maxRetries: fc.nat(2),
      maxInfrastructureRetries: fc.nat(2),
      backoffSeconds: fc.constantFrom(0, 5, 20),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

const group = fc.record({
  size: fc.constantFrom(1, 1, 1, 1, 2, 3),
  barrier: fc.boolean(),
  ignoreNonleadStatus: fc.boolean(),
  needs: fc.array(fc.nat(20), { maxLength: 2 }),
  members: fc.array(
    fc.record({ scripts: perInstance(script), agains: perInstance(script), exitActions, retryPolicy }),
    { minLength: 3, maxLength: 3 },
  ),
  count: fc.constantFrom(undefined, undefined, undefined, undefined, 1, 2, 3),
  maxParallel: fc.constantFrom(undefined, 1, 2),
});

type Shape = typeof group extends fc.Arbitrary<infer T> ? T : never;

function perInstance<T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(each, { minLength: 3, maxLength: 3 });
}

/** A random acyclic workflow of at most `limit` groups. */
export function anyWorkflow(limit: number): fc.Arbitrary<ModelWorkflow> {
  return fc
    .record(
      { shapes: fc.array(group, { minLength: 1, maxLength: limit }), maxParallel: fc.integer({ min: 1, max: 3 }) },
      { requiredKeys: ['shapes'] },
    )
    .map(({ shapes, ...more }) => ({
      ...more,
      groups: shapes.flatMap((shape, index) => groupsOf(shape, index, shapes)),
    }));
}

/** The group of a shape, or the instances of its entry. */
function groupsOf(shape: Shape, index: number, shapes: readonly Shape[]): ModelGroup[] {
  const { size, needs, members, count, maxParallel, barrier, ignoreNonleadStatus } = shape;
  const needed = index === 0 ? [] : [...new Set(needs.map((need) => need % index))];
  const leads = needed.flatMap((need) => suffixes(shapes[need]?.count).map((suffix) => `t${need}-0${suffix}`));
  return suffixes(count).map((suffix, instance) => {
    const name = `g${index}${suffix}`;
    const tasks = members
      .slice(0, size)
      .map(({ scripts, agains, exitActions: actions, retryPolicy: retries }, place) => ({
        name: `t${index}-${place}${suffix}`,
        group: name,
        lead: place === 0,
        script: scripts[instance] ?? [],
        again: agains[instance] ?? [],
        ...(actions === undefined ? {} : { exitActions: actions }),
        ...(retries === undefined ? {} : { retryPolicy: retries }),
      }));
    const parallel = maxParallel === undefined ? {} : { maxParallel };
    const entry = count === undefined ? {} : { entry: { name: `g${index}`, index: instance, count, ...parallel } };
    return { name, barrier, ignoreNonleadStatus, tasks, needs: leads, ...entry };
  });
}

const suffixes = (count: number | undefined): string[] =>
  count === undefined ? [''] : Array.from({ length: count }, (_, index) => `-${index}`);

/** The specification of a random workflow. What runs for ever ends by its time limit, long after everything else. */
export function specOf({
  groups,
  maxParallel,
}: ModelWorkflow): Pick<WorkflowSpec, 'groups' | 'maxParallel' | 'timeouts'> {
  return {
    timeouts: { execSeconds: execSeconds },
    ...(maxParallel === undefined ? {} : { maxParallel }),
    groups: groups.flatMap((each) =>
      each.entry === undefined || each.entry.index === 0 ? [templateOf(each, groups)] : [],
    ),
  };
}

function templateOf(
  { name, barrier, ignoreNonleadStatus, needs, tasks, entry }: ModelGroup,
  groups: readonly ModelGroup[],
): NonNullable<WorkflowSpec['groups']>[number] {
  const written = (own: string, of: ModelEntry | undefined) => (of === undefined ? own : own.replace(/-\d+$/, ''));
  const inputs = new Set(
    needs.map((need) => written(need, groups.find((other) => other.tasks[0]?.name === need)?.entry)),
  );
  const { count, maxParallel } = entry ?? {};
  return {
    name: entry?.name ?? name,
    barrier,
    ignoreNonleadStatus,
    ...(count === undefined ? {} : { count }),
    ...(maxParallel === undefined ? {} : { maxParallel }),
    tasks: tasks.map((task, place): TaskTemplate => ({
      ...template(written(task.name, entry)),
      lead: task.lead,
      ...(task.exitActions === undefined ? {} : { exitActions: task.exitActions }),
      ...(task.retryPolicy === undefined ? {} : { retryPolicy: task.retryPolicy }),
      ...(place === 0 && inputs.size > 0 ? { inputs: [...inputs].map((need) => ({ task: { name: need } })) } : {}),
    })),
  };
}

/** More than all random waits of one run together. */
export const execSeconds = 100_000;

/** Steps in which nothing is lost and nobody interferes. */
export const quiet: fc.Arbitrary<Step[]> = stepsOf([...quietSteps]);
/** The same with processes that die, pods that are deleted and nodes that are lost. */
export const faulty: fc.Arbitrary<Step[]> = stepsOf([...quietSteps, ...quietSteps, ...faults]);
/** The same with users who change their minds. */
export const busy: fc.Arbitrary<Step[]> = stepsOf([
  ...quietSteps,
  ...quietSteps,
  ...quietSteps,
  ...faults,
  ...userSteps,
]);

function stepsOf(kinds: StepKind[]): fc.Arbitrary<Step[]> {
  return fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat(1000), fc.nat(6)), { minLength: 20, maxLength: 150 });
}
