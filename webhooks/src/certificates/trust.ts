import type { JsonPatchOperation, Patch } from '@osmo/kube';
import type { WebhookConfiguration } from '../kinds.ts';

/** Whom a configuration makes the apiserver trust, as PEM, one text for each of its webhooks. */
export function bundlesOf({ webhooks = [] }: WebhookConfiguration): string[] {
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString('utf8'));
}

/**
 * The patch that makes every webhook of a configuration trust `bundle` and nothing else; undefined when they do. It is
 * refused when the configuration has changed meanwhile, since it names webhooks by their place.
 */
export function trustPatch(configuration: WebhookConfiguration, bundle: string): Patch | undefined {
  const value = Buffer.from(bundle, 'utf8').toString('base64');
  const changes = (configuration.webhooks ?? []).flatMap<JsonPatchOperation>(({ clientConfig }, index) =>
    clientConfig.caBundle === value ? [] : [{ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value }],
  );
  if (changes.length === 0) return undefined;
  const { resourceVersion = '' } = configuration.metadata;
  return {
    kind: 'json',
    body: [{ op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion }, ...changes],
  };
}
