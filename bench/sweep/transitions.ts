import type { Task } from '@osmo/crds';

/** Counts changes of phase of Tasks from what a watcher sees of them; to be created is the first. */
export class Transitions {
  /** Of each transition, ms on the clock of `see`'s caller. */
  readonly times: number[] = [];
  /** Of each end, likewise. */
  readonly ends: number[] = [];

  see({ old, new: task }: { old?: Task | undefined; new?: Task | undefined }, now: number): void {
    if (task === undefined || (old !== undefined && phaseOf(old) === phaseOf(task))) return;
    this.times.push(now);
    if (['Completed', 'Failed'].includes(phaseOf(task))) this.ends.push(now);
  }
}

const phaseOf = (task: Task): string => task.status?.phase ?? 'Pending';
