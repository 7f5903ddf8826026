import type { Dependencies } from './dependencies.ts';
import type { Operation } from './http/operation.ts';
import { openApiOperations } from './openapi/operations.ts';
import { poolOperations } from './pools/operations.ts';
import { systemOperations } from './system/operations.ts';
import { taskOperations } from './tasks/operations.ts';
import { workflowOperations } from './workflows/operations.ts';

/** Every operation of the API, and the document about them. */
export function operationsOf(dependencies: Dependencies): Operation[] {
  const operations = [
    ...systemOperations(dependencies),
    ...workflowOperations(dependencies),
    ...taskOperations(dependencies),
    ...poolOperations(dependencies),
  ];
  return [...operations, ...openApiOperations(operations)];
}
