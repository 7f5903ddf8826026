import {
  AppType,
  AppVersionType,
  BackendType,
  BucketType,
  DatasetType,
  DatasetVersionType,
  PlatformType,
  PoolType,
  QuotaType,
  QuotaUsageType,
  TaskType,
  UserType,
  WorkflowType,
} from '@osmo/crds';
import type {
  App,
  AppVersion,
  Backend,
  Bucket,
  Dataset,
  DatasetVersion,
  Platform,
  Pool,
  Quota,
  QuotaUsage,
  Task,
  User,
  Workflow,
} from '@osmo/crds';
import { resourceType } from '@osmo/kube';

/** The kinds as the client knows them: addresses that carry the shapes of their objects. */
export const Workflows = resourceType<Workflow>(WorkflowType);
export const Tasks = resourceType<Task>(TaskType);
export const Pools = resourceType<Pool>(PoolType);
export const Platforms = resourceType<Platform>(PlatformType);
export const Backends = resourceType<Backend>(BackendType);
export const Apps = resourceType<App>(AppType);
export const AppVersions = resourceType<AppVersion>(AppVersionType);
export const Buckets = resourceType<Bucket>(BucketType);
export const Datasets = resourceType<Dataset>(DatasetType);
export const DatasetVersions = resourceType<DatasetVersion>(DatasetVersionType);
export const Quotas = resourceType<Quota>(QuotaType);
export const QuotaUsages = resourceType<QuotaUsage>(QuotaUsageType);
export const Users = resourceType<User>(UserType);
