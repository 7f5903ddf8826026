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
  Workflow,
} from '@osmo/crds';
import { type KubeObject, resourceType } from '@osmo/kube';

/** The kinds as the client knows them: addresses that carry the shapes of their objects. */
export const Workflows = resourceType<Workflow>(WorkflowType);
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

/** One entry of a webhook configuration, as far as it is read. */
export interface WebhookEntry {
  name: string;
  clientConfig: { caBundle?: string; url?: string; service?: { name: string; namespace: string; path?: string } };
}

/** Which requests the apiserver asks about, and how it reaches who answers. */
export interface WebhookConfiguration extends KubeObject {
  webhooks?: WebhookEntry[];
}

const registration = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false } as const;

export const ValidatingConfigurations = resourceType<WebhookConfiguration>({
  ...registration,
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
});
export const MutatingConfigurations = resourceType<WebhookConfiguration>({
  ...registration,
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
});
