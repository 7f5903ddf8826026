import type { AccessToken } from './access-token.ts';
import type { App, AppVersion } from './app.ts';
import type { Backend } from './backend.ts';
import type { Bucket } from './bucket.ts';
import type { Credential } from './credential.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetVersion } from './dataset-version.ts';
import type { Platform } from './platform.ts';
import type { Pool } from './pool.ts';
import type { Task } from './task.ts';
import type { User } from './user.ts';
import type { Workflow } from './workflow.ts';
import { resourceType } from './object.ts';

// Apart from the schemas, so that a program that only addresses objects loads none of them.
export const WorkflowType = resourceType<Workflow>('Workflow', 'workflows', 'Namespaced');
export const TaskType = resourceType<Task>('Task', 'tasks', 'Namespaced');
export const PoolType = resourceType<Pool>('Pool', 'pools', 'Cluster');
export const PlatformType = resourceType<Platform>('Platform', 'platforms', 'Cluster');
export const BackendType = resourceType<Backend>('Backend', 'backends', 'Cluster');
export const AppType = resourceType<App>('App', 'apps', 'Namespaced');
export const AppVersionType = resourceType<AppVersion>('AppVersion', 'appversions', 'Namespaced');
export const BucketType = resourceType<Bucket>('Bucket', 'buckets', 'Namespaced');
export const DatasetType = resourceType<Dataset>('Dataset', 'datasets', 'Namespaced');
export const DatasetVersionType = resourceType<DatasetVersion>('DatasetVersion', 'datasetversions', 'Namespaced');
export const UserType = resourceType<User>('User', 'users', 'Cluster');
export const AccessTokenType = resourceType<AccessToken>('AccessToken', 'accesstokens', 'Cluster');
export const CredentialType = resourceType<Credential>('Credential', 'credentials', 'Namespaced');
