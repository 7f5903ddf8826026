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
export const AccessTokens = resourceType<AccessToken>(AccessTokenType);

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
