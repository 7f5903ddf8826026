import { type KubeObject, resourceType } from '@osmo/kube';

export * from '@osmo/crds/addresses';

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
