import type { Dependencies } from '../dependencies.ts';
import type { Operation } from '../http/operation.ts';
import { appChangeOperations } from './change-operations.ts';
import { appReadOperations } from './read-operations.ts';

/** Apps: recipes that people share, in versions. */
export function appOperations(dependencies: Dependencies): Operation[] {
  return [...appReadOperations(dependencies), ...appChangeOperations(dependencies)];
}
