import type { Archived } from '../../archive/archived-outputs.ts';
import type { Bucket, Dataset, DatasetVersion, Task, Workflow } from '@osmo/crds';

/** What data is looked up in: reads of caches, none of which looks through all objects of a kind but `buckets`. */
export interface Catalog {
  buckets(namespace: string): readonly Bucket[];
  bucket(namespace: string, name: string): Bucket | undefined;
  dataset(namespace: string, name: string): Dataset | undefined;
  version(namespace: string, name: string): DatasetVersion | undefined;
  /** All versions of a dataset, by the name of its object, in any order; also those that are being deleted. */
  versions(namespace: string, dataset: string): readonly DatasetVersion[];
  /** The versions that were made for this output of this attempt; see `originOf`. */
  madeFor(origin: string): readonly DatasetVersion[];
  workflow(namespace: string, name: string): Workflow | undefined;
  task(namespace: string, name: string): Task | undefined;
  /** A workflow that has left the cluster, by its name; undefined: it isn't known yet. Absent: nothing is archived. */
  archived?(namespace: string, name: string): Archived | undefined;
}

/** Why something can't be resolved now. */
export class Missing {
  /** For people: it begins with the path of the field. */
  readonly message: string;
  /** What may change that: see awaited.ts. */
  readonly awaits: readonly string[];
  /** When to look again, where nothing tells of news. */
  readonly retryAt: Date | 'soon' | undefined;

  constructor(message: string, awaits: readonly string[], retryAt?: Date | 'soon') {
    this.message = message;
    this.awaits = awaits;
    this.retryAt = retryAt;
  }
}

/** A catalog in which nothing is. */
export const emptyCatalog: Catalog = {
  buckets: () => [],
  bucket: () => undefined,
  dataset: () => undefined,
  version: () => undefined,
  versions: () => [],
  madeFor: () => [],
  workflow: () => undefined,
  task: () => undefined,
};
