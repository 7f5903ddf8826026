/** A number that is not one of ours: a peer doing the same work, or a limit that nothing can beat. */
export interface Beside {
  what: string;
  value: number;
  unit: string;
}

/** What must hold: for the measured value, or for its ratio to what is beside it. */
export interface Target {
  of: 'value' | 'ratio';
  atLeast?: number;
  atMost?: number;
}

/** One measured number. */
export interface Row {
  /** Name of the bench. */
  bench: string;
  what: string;
  /** Absent: it could not be measured here; `note` says why. */
  value?: number;
  unit: string;
  /** Measured in the same run. */
  beside?: Beside;
  /** Ours divided by what is beside it; by pairs of rounds where there are pairs, so not always `value / beside.value`. */
  ratio?: number;
  target?: Target;
  note?: string;
}

/** Whether a row meets its target; undefined when it has none or was not measured. */
export function met({ value, ratio, target }: Row): boolean | undefined {
  const measured = target?.of === 'ratio' ? ratio : value;
  if (target === undefined || measured === undefined) return undefined;
  return measured >= (target.atLeast ?? -Infinity) && measured <= (target.atMost ?? Infinity);
}

/** Why a row's target makes no sense, or undefined. A target without a bound would always be met. */
export function problemOf({ ratio, value, target }: Row): string | undefined {
  if (target === undefined || value === undefined) return undefined;
  if (target.atLeast === undefined && target.atMost === undefined) return 'the target has no bound';
  return target.of === 'ratio' && ratio === undefined ? 'the target is of a ratio that was not measured' : undefined;
}
