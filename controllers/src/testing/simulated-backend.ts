import type { Task, TaskStatus } from '@osmo/crds';
import type { Graph } from '@osmo/workflow-spec/graph';
import type { Simulation } from './simulation.ts';

/** How a task ends in a run. */
export type Outcome = (task: string, run: number) => 'Completed' | 'Failed';

/**
 * A backend for a `Simulation`, as the engine's design has it: a group starts when all its Tasks are there, in the same run
 * and none told to wait; what is told to wait before a command runs gives its place back; what is canceled ends. It checks
 * that nothing is started before all that it needs has completed.
 */
export class SimulatedBackend {
  /** Names of tasks and their runs, `name/run`, in the order in which their commands started. */
  readonly started: string[] = [];
  readonly #run: Simulation;
  readonly #graph: Graph;
  readonly #outcome: Outcome;
  readonly #resultOf: (task: Task) => Pick<TaskStatus, 'data'>;

  /** `resultOf` is what a task whose command ended has read and written. */
  constructor(
    run: Simulation,
    graph: Graph,
    outcome: Outcome,
    resultOf: (task: Task) => Pick<TaskStatus, 'data'> = () => ({}),
  ) {
    this.#run = run;
    this.#graph = graph;
    this.#outcome = outcome;
    this.#resultOf = resultOf;
  }

  /** Does one of the things that can be done now. Returns whether there was one. */
  move(pick: number): boolean {
    const moves = [...this.#run.tasks.values()]
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map((task) => this.#moveOf(task))
      .filter((move) => move !== undefined);
    moves[pick % moves.length]?.();
    return moves.length > 0;
  }

  #moveOf(task: Task): (() => void) | undefined {
    const { name } = task.metadata;
    const set = (status: Partial<TaskStatus> & Pick<TaskStatus, 'phase'>) => () => this.#run.setTask(name, status);
    const phase = phaseOf(task);
    if (phase === 'Completed' || phase === 'Failed') return undefined;
    if (task.spec.cancel !== undefined) return set({ phase: 'Failed', reason: 'Canceled' });
    const group = [...this.#run.tasks.values()].filter(({ spec }) => spec.group.name === task.spec.group.name);
    const begun = group.some((peer) => ['Running', 'Completed', 'Failed'].includes(phaseOf(peer)));
    const held = group.some(({ spec }) => spec.hold === true);
    if (held && !begun) return phase === 'Scheduling' ? set({ phase: 'Pending', reason: 'Held' }) : undefined;
    if (phase === 'Pending') return isWhole(group) ? set({ phase: 'Scheduling' }) : undefined;
    if (phase === 'Scheduling') return () => this.#start(task);
    const failed = this.#outcome(task.spec.taskName, task.spec.run ?? 0) === 'Failed';
    const end = failed
      ? ({ phase: 'Failed', reason: 'Error', exitCode: 1 } as const)
      : ({ phase: 'Completed', exitCode: 0 } as const);
    return () => this.#run.setTask(name, { ...end, ...this.#resultOf(task) });
  }

  #start(task: Task): void {
    this.started.push(`${task.spec.taskName}/${task.spec.run ?? 0}`);
    const group = this.#graph.groupByName.get(task.spec.group.name);
    for (const index of group?.upstream ?? []) {
      const needed = this.#graph.groups[index];
      const counted = needed?.tasks.filter(({ lead }) => lead || !needed.ignoreNonleadStatus) ?? [];
      const open = counted.filter(({ name }) => {
        const there = this.#run.tasks.get(`wf.${name}`);
        return there === undefined || phaseOf(there) !== 'Completed';
      });
      if (open.length > 0) throw new Error(`${task.spec.taskName} starts before ${open[0]?.name} has completed`);
    }
    this.#run.setTask(task.metadata.name, { phase: 'Running' });
  }
}

/** Phase of the run that the Task is told to be in. */
export function phaseOf({ spec, status }: Task): TaskStatus['phase'] {
  return (status?.run ?? 0) < (spec.run ?? 0) ? 'Pending' : (status?.phase ?? 'Pending');
}

function isWhole(group: readonly Task[]): boolean {
  const runs = new Set(group.map(({ spec }) => spec.run ?? 0));
  return runs.size === 1 && group.every(({ spec }) => spec.group.size === group.length);
}
