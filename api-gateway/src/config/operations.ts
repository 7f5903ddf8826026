import type { Dependencies } from '../dependencies.ts';
import type { Operation } from '../http/operation.ts';
import type { Settings } from '../system/operations.ts';
import { backendConfigOperations } from './backend-operations.ts';
import { poolConfigOperations } from './pool-operations.ts';
import { settingsOperations } from './settings-operations.ts';
import { templateConfigOperations } from './template-operations.ts';

/** Upstream's endpoints for administrators, as reads and writes of resources in the name of the caller. */
export function configOperations(dependencies: Dependencies, settings: Settings): Operation[] {
  return [
    ...poolConfigOperations(dependencies),
    ...backendConfigOperations(dependencies),
    ...templateConfigOperations(dependencies),
    ...settingsOperations(settings),
  ];
}
