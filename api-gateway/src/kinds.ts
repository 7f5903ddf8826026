import {
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
} from '@osmo/crds';
import type {
  AccessToken,
  App,
  AppVersion,
  Backend,
  Bucket,
  Credential,
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
import { type KubeObject, resourceType } from '@osmo/kube';

/** The kinds as the client knows them: addresses that carry the shapes of their objects. */
export const Workflows = resourceType<Workflow>(WorkflowType);
export const Tasks = resourceType<Task>(TaskType);
export const Pools = resourceType<Pool>(PoolType);
export const Platforms = resourceType<Platform>(PlatformType);
export const Backends = resourceType<Backend>(BackendType);
export const Apps = resourceType<App>(AppType);
export const AppVersions = resourceType<AppVersion>(AppVersionType);
export const Buckets = resourceType<Bucket>(BucketType);
export const Credentials = resourceType<Credential>(CredentialType);
export const Datasets = resourceType<Dataset>(DatasetType);
export const DatasetVersions = resourceType<DatasetVersion>(DatasetVersionType);
export const Users = resourceType<User>(UserType);
export const Quotas = resourceType<Quota>(QuotaType);
export const QuotaUsages = resourceType<QuotaUsage>(QuotaUsageType);
export const AccessTokens = resourceType<AccessToken>(AccessTokenType);

/** Of RBAC: what may be done, under a name. */
export interface ClusterRole extends KubeObject {
  rules?: object[];
}
export const ClusterRoles = resourceType<ClusterRole>(rbac('ClusterRole', false));

/** Of RBAC: who has a role. */
export interface Binding extends KubeObject {
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects?: { apiGroup?: string; kind: string; name: string; namespace?: string }[];
}
export const ClusterRoleBindings = resourceType<Binding>(rbac('ClusterRoleBinding', false));
export const RoleBindings = resourceType<Binding>(rbac('RoleBinding', true));

function rbac(kind: string, namespaced: boolean) {
  const plural = `${kind.toLowerCase()}s`;
  return { group: 'rbac.authorization.k8s.io', version: 'v1', kind, plural, namespaced };
}

/** Create-only: the answer says whose the token in `spec` is. */
export interface TokenReview extends KubeObject {
  spec: { token?: string; audiences?: string[] };
  status?: {
    authenticated?: boolean;
    user?: { username?: string; uid?: string; groups?: string[] };
    error?: string;
  };
}
export const TokenReviews = resourceType<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  namespaced: false,
});
