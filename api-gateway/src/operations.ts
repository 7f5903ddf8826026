import { exchangeOperations } from './access-tokens/exchange-operation.ts';
import { accessTokenOperations } from './access-tokens/operations.ts';
import { appOperations } from './apps/operations.ts';
import { storedArchive } from './archive/archive.ts';
import { configOperations } from './config/operations.ts';
import { credentialOperations } from './credentials/operations.ts';
import { datasetOperations } from './datasets/operations.ts';
import type { Dependencies } from './dependencies.ts';
import type { Operation } from './http/operation.ts';
import type { Identity } from './identity/identity.ts';
import type { LogSource } from './logs/log-source.ts';
import { logOperations } from './logs/operations.ts';
import { credentialValues } from './logs/credential-values.ts';
import { maskedLogs } from './logs/masked-logs.ts';
import { podLogSource } from './logs/pod-logs.ts';
import { storedLogSource } from './logs/stored-logs.ts';
import { openApiOperations } from './openapi/operations.ts';
import { poolOperations } from './pools/operations.ts';
import { profileOperations } from './profile/operations.ts';
import { quotaOperations } from './quota/operations.ts';
import { rightsOperations } from './rights/operations.ts';
import { type Recipes, submitOperations } from './submit/operations.ts';
import { type Settings, systemOperations } from './system/operations.ts';
import { taskOperations } from './tasks/operations.ts';
import { userOperations } from './users/operations.ts';
import { changeOperations } from './workflows/change-operations.ts';
import { watchOperations } from './workflows/watch-operation.ts';
import { workflowOperations } from './workflows/operations.ts';

/** Every operation of the API, and the document about them. */
export function operationsOf(
  given: Dependencies & { newId: () => string; recipes: Recipes; settings: Settings; logins: readonly Operation[] },
): Operation[] {
  const { own, clock, store, caches, logger, people, settings } = given;
  const archive = store && storedArchive(store, caches.workflows, clock, logger);
  const dependencies = { ...given, archive };
  const pods = podLogSource(own);
  const stored = store && storedLogSource(store, clock);
  const logsFor = (caller: Identity): LogSource =>
    maskedLogs({ pods, stored, clock, values: credentialValues(given.as(caller), logger) });
  const operations = [
    ...systemOperations(dependencies.settings),
    ...given.logins,
    ...profileOperations({ ...dependencies, ...people }),
    ...quotaOperations(dependencies),
    ...userOperations({ ...dependencies, ...people }),
    ...accessTokenOperations({ ...dependencies, ...people, longestDays: settings.accessTokenMaxDays }),
    ...exchangeOperations({ ...dependencies, ...people }),
    ...rightsOperations({ ...dependencies, ...people }),
    ...workflowOperations(dependencies),
    ...changeOperations(dependencies),
    ...watchOperations(dependencies),
    ...submitOperations(dependencies, dependencies.recipes),
    ...appOperations(dependencies),
    ...credentialOperations(dependencies),
    ...datasetOperations(dependencies),
    ...taskOperations(dependencies),
    ...logOperations(dependencies, logsFor),
    ...poolOperations(dependencies),
    ...configOperations(dependencies, dependencies.settings),
  ];
  return [...operations, ...openApiOperations(operations)];
}
