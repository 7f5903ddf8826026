/** The kinds as the client knows them: addresses that carry the shapes of their objects. */
export {
  AppType as Apps,
  AppVersionType as AppVersions,
  BackendType as Backends,
  BucketType as Buckets,
  DatasetType as Datasets,
  DatasetVersionType as DatasetVersions,
  PlatformType as Platforms,
  PoolType as Pools,
  QuotaType as Quotas,
  QuotaUsageType as QuotaUsages,
  TaskType as Tasks,
  UserType as Users,
  WorkflowType as Workflows,
} from '@osmo/crds';
