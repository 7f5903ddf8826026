/** All kinds by the names that programs have for them: addresses that carry the shapes of their objects. */
export {
  AccessTokenType as AccessTokens,
  AppType as Apps,
  AppVersionType as AppVersions,
  BackendType as Backends,
  BucketType as Buckets,
  CredentialType as Credentials,
  DatasetType as Datasets,
  DatasetVersionType as DatasetVersions,
  PlatformType as Platforms,
  PoolType as Pools,
  QuotaType as Quotas,
  QuotaUsageType as QuotaUsages,
  TaskType as Tasks,
  UserType as Users,
  WorkflowType as Workflows,
} from './resource-types.ts';
