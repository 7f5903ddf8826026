import type { Dependencies } from '../dependencies.ts';
import type { Operation } from '../http/operation.ts';
import { bucketOperations } from './bucket-operations.ts';
import { datasetChangeOperations } from './change-operations.ts';
import { collectOperations } from './collect-operations.ts';
import { commitOperation } from './commit-operation.ts';
import { contentOperations } from './content/operations.ts';
import { provenanceOperation } from './provenance-operation.ts';
import { datasetReadOperations } from './read-operations.ts';
import { newWriting } from './writing.ts';

/** Buckets, and the datasets in them with their versions. Bytes come by here only where a file is read through the gateway. */
export function datasetOperations(dependencies: Dependencies): Operation[] {
  const writing = newWriting(dependencies.caches, dependencies.clock);
  return [
    // The list before what could take its name for a bucket's.
    ...datasetReadOperations(dependencies),
    ...bucketOperations(dependencies, writing),
    commitOperation(dependencies, writing),
    ...datasetChangeOperations(dependencies, writing),
    ...collectOperations(dependencies, writing),
    provenanceOperation(dependencies),
    ...contentOperations(dependencies),
  ];
}
