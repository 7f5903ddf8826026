import type { NodeReader } from './node-reader.ts';
import type { Origins } from './origins.ts';

/** What the readers of the parts of a recipe share. */
export interface ReadContext {
  readonly reader: NodeReader;
  readonly origins: Origins;
  /** What the user should know although nothing is wrong. */
  readonly warnings: string[];
  /** Contents of local files by the path that the recipe names them with. */
  readonly localFiles: ReadonlyMap<string, string> | undefined;
  /** Variables that every task gets, over its own. */
  readonly environment: ReadonlyMap<string, string>;
}
