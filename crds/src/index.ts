export * from './constants.ts';
export type { ObjectMeta, OsmoInput, OsmoObject, OwnerReference, ResourceType } from './object.ts';
export type { KindDefinition, PrinterColumn } from './definition.ts';
export type { Quantity } from './schema/quantity.ts';
export type { Condition, ConditionStatus, Toleration } from './condition.ts';
export type { SchedulerType } from './scheduler.ts';
export type {
  ExitAction,
  MatrixAxis,
  RetryPolicy,
  TaskCredential,
  TaskFile,
  TaskInput,
  TaskOutput,
  TaskTemplate,
  TaskTemplateInput,
} from './task-template.ts';
export type { AppReference } from './app-reference.ts';
export type {
  Cancellation,
  GroupTemplate,
  Priority,
  RecentTask,
  ResourceSpec,
  Restart,
  Timeouts,
  Workflow,
  WorkflowCounts,
  WorkflowInput,
  WorkflowPhase,
  WorkflowSpec,
  WorkflowSpecInput,
  WorkflowStatus,
} from './workflow.ts';
export type {
  PodTemplate,
  ResourceAmounts,
  Task,
  TaskAttempt,
  TaskData,
  TaskDataInput,
  TaskDataOutput,
  TaskPhase,
  TaskResult,
  TaskResultOutput,
  TaskScheduling,
  TaskSpec,
  TaskSpecInput,
  TaskStatus,
} from './task.ts';
export type { LabelPolicy, Pool, PoolInput, PoolSpec, PoolSpecInput, PoolStatus, ResourceRule } from './pool.ts';
export type {
  NodeShape,
  Platform,
  PlatformInput,
  PlatformSpec,
  PlatformSpecInput,
  PlatformStatus,
} from './platform.ts';
export type {
  Backend,
  BackendCapacity,
  BackendInput,
  BackendShape,
  BackendSpec,
  BackendSpecInput,
  BackendStatus,
} from './backend.ts';
export type {
  App,
  AppInput,
  AppSpec,
  AppSpecInput,
  AppStatus,
  AppVersion,
  AppVersionInput,
  AppVersionSpec,
} from './app.ts';
export type { Bucket, BucketInput, BucketSpec, BucketSpecInput, BucketStatus } from './bucket.ts';
export type {
  Dataset,
  DatasetInput,
  DatasetMember,
  DatasetSpec,
  DatasetSpecInput,
  DatasetStatus,
  DatasetTag,
} from './dataset.ts';
export type {
  DatasetVersion,
  DatasetVersionInput,
  DatasetVersionSpec,
  DatasetVersionStatus,
  Provenance,
  ProvenanceInput,
} from './dataset-version.ts';
export type {
  Quota,
  QuotaInput,
  QuotaLimits,
  QuotaReservation,
  QuotaSpec,
  QuotaSpecInput,
  QuotaSubject,
  QuotaUsage,
  QuotaUsageInput,
  QuotaUsageSpec,
  QuotaUsageStatus,
} from './quota.ts';
export type { User, UserInput, UserSpec, UserSpecInput, UserStatus } from './user.ts';
export type {
  AccessToken,
  AccessTokenInput,
  AccessTokenSpec,
  AccessTokenSpecInput,
  AccessTokenStatus,
} from './access-token.ts';
export {
  credentialSecret,
  dockerHub,
  genericSecretName,
  isUsableCredential,
  isPodSecret,
  isUserSecret,
  maySubmitterName,
  mostCredentialKeys,
  ownSecretName,
  registryScope,
  registryScopesOf,
  registrySecretName,
  userDigest,
  userSecretPattern,
  userSecretPrefix,
} from './credential-names.ts';
export type {
  Credential,
  CredentialInput,
  CredentialSpec,
  CredentialSpecInput,
  CredentialStatus,
} from './credential.ts';
export { isReservedLabel } from './reserved-labels.ts';
export { mostReservations, quotaUsageName } from './quota-names.ts';
export { accessTokenObjectName, userObjectName } from './user-names.ts';
export {
  datasetObjectName,
  type DatasetReference,
  datasetVersionName,
  defaultBucketOf,
  nameAsObject,
  readDatasetReference,
} from './dataset-names.ts';
export {
  AccessTokenType,
  AppType,
  AppVersionType,
  BackendType,
  BucketType,
  CredentialType,
  DatasetType,
  DatasetVersionType,
  PlatformType,
  PoolType,
  QuotaType,
  QuotaUsageType,
  TaskType,
  UserType,
  WorkflowType,
} from './resource-types.ts';
export { kinds } from './kinds.ts';
export type { Problem } from './validate.ts';
export {
  describeProblem,
  problemsOf,
  validateApp,
  validateBackend,
  validatePlatform,
  validatePool,
  validateTask,
  validateWorkflow,
} from './validate.ts';
export {
  isUpstreamEnd,
  type TaskState,
  upstreamGroupStatus,
  type UpstreamStatus,
  upstreamStatuses,
  upstreamStatusWithoutTask,
  upstreamTaskStatus,
  upstreamWorkflowStatus,
} from './upstream-status.ts';
