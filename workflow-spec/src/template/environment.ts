import type { CallArguments, Value } from '../python/value.ts';
import type { Budget } from './budget.ts';

/** What filters and tests may use of the rendering that they are part of. */
export interface Runtime {
  readonly budget: Budget;
  readonly environment: Environment;
}

export type Filter = (value: Value, args: CallArguments, runtime: Runtime) => Value;
export type Test = (value: Value, args: CallArguments, runtime: Runtime) => boolean;

/** The filters, tests and global functions of a template. */
export interface Environment {
  readonly filters: ReadonlyMap<string, Filter>;
  readonly tests: ReadonlyMap<string, Test>;
  readonly globals: ReadonlyMap<string, (budget: Budget) => Value>;
}
