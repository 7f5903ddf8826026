import type { Row } from './report/row.ts';

/** What every bench is given. */
export interface BenchContext {
  /** The repository's folder. */
  root: string;
  /** Measure on the cluster of this kubeconfig instead of a control plane of the bench's own, where a bench can. */
  kubeconfig?: string;
  /** May bring up the local cluster for what needs a real node. */
  up: boolean;
  /** Size of the sweep; the bench's own when absent. */
  tasks?: number;
  /** Says on stderr how far it is. */
  say: (text: string) => void;
  /** Aborts on Ctrl-C; what is under way must end and clean up. */
  signal: AbortSignal;
  /** What to undo at the end, last first, whatever happens. */
  cleanup: AsyncDisposableStack;
}

/** A measurement that stands for itself. */
export interface Bench {
  name: string;
  /** One line for people: what is measured beside what. */
  about: string;
  /** @throws when it could not run; a missed target is no error. */
  run(context: BenchContext): Promise<Row[]>;
}
