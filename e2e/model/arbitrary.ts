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
  needs: string[];
  tasks: ModelTask[];
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
const faults = ['hubDies', 'operatorDies', 'hubCrash', 'operatorCrash', 'deletePod', 'loseNode', 'vanish'] as const;
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
  members: fc.array(fc.record({ script, again: script, exitActions, retryPolicy }), { minLength: 3, maxLength: 3 }),
});

/** A random acyclic workflow of at most `limit` groups. */
export function anyWorkflow(limit: number): fc.Arbitrary<ModelWorkflow> {
  return fc
    .record(
      { shapes: fc.array(group, { minLength: 1, maxLength: limit }), maxParallel: fc.integer({ min: 1, max: 3 }) },
      { requiredKeys: ['shapes'] },
    )
    .map(({ shapes, ...more }) => ({ ...more, groups: shapes.map(groupOf) }));
}

function groupOf(
  {
    size,
    needs,
    members,
    ...flags
  }: { size: number; barrier: boolean; ignoreNonleadStatus: boolean; needs: number[]; members: object[] },
  index: number,
): ModelGroup {
  const name = `g${index}`;
  const tasks = members.slice(0, size).map((member, place) => {
    const known = Object.fromEntries(Object.entries(member).filter(([, value]) => value !== undefined));
    return {
      ...(known as Pick<ModelTask, 'script' | 'again'>),
      name: `t${index}-${place}`,
      group: name,
      lead: place === 0,
    };
  });
  return { ...flags, name, tasks, needs: index === 0 ? [] : [...new Set(needs.map((need) => `t${need % index}-0`))] };
}

/** The specification of a random workflow. What runs for ever ends by its time limit, long after everything else. */
export function specOf({
  groups,
  maxParallel,
}: ModelWorkflow): Pick<WorkflowSpec, 'groups' | 'maxParallel' | 'timeouts'> {
  return {
    timeouts: { execSeconds: execSeconds },
    ...(maxParallel === undefined ? {} : { maxParallel }),
    groups: groups.map(({ name, barrier, ignoreNonleadStatus, needs, tasks }) => ({
      name,
      barrier,
      ignoreNonleadStatus,
      tasks: tasks.map((task, place): TaskTemplate => ({
        ...template(task.name),
        lead: task.lead,
        ...(task.exitActions === undefined ? {} : { exitActions: task.exitActions }),
        ...(task.retryPolicy === undefined ? {} : { retryPolicy: task.retryPolicy }),
        ...(place === 0 && needs.length > 0 ? { inputs: needs.map((need) => ({ task: { name: need } })) } : {}),
      })),
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
