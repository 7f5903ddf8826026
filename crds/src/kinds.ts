import { accessTokenDefinition } from './access-token.ts';
import { appDefinition, appVersionDefinition } from './app.ts';
import { backendDefinition } from './backend.ts';
import { bucketDefinition } from './bucket.ts';
import { credentialDefinition } from './credential.ts';
import { datasetDefinition } from './dataset.ts';
import { datasetVersionDefinition } from './dataset-version.ts';
import type { KindDefinition } from './definition.ts';
import { platformDefinition } from './platform.ts';
import { poolDefinition } from './pool.ts';
import { quotaDefinition, quotaUsageDefinition } from './quota.ts';
import { taskDefinition } from './task.ts';
import { userDefinition } from './user.ts';
import { workflowDefinition } from './workflow.ts';

/** Every kind of the group, in the order of the reference. */
export const kinds: readonly KindDefinition[] = [
  workflowDefinition,
  taskDefinition,
  poolDefinition,
  platformDefinition,
  backendDefinition,
  appDefinition,
  appVersionDefinition,
  bucketDefinition,
  datasetDefinition,
  datasetVersionDefinition,
  credentialDefinition,
  userDefinition,
  accessTokenDefinition,
  quotaDefinition,
  quotaUsageDefinition,
];
