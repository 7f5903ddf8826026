import {
  type Informer,
  isConflict,
  isNotFound,
  type JsonPatchOperation,
  type KubeClient,
  type Logger,
  type Patch,
} from '@osmo/kube';
import type { Trusting } from '@osmo/kube/certificates';
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

type Configurations = readonly Informer<WebhookConfiguration>[];

/** The apiserver, by webhook configurations: it calls only whom these trust. */
export function trustingConfigurations(
  configurations: Configurations,
  client: Pick<KubeClient, 'patch'>,
  logger: Logger,
): Trusting {
  return {
    synced: Promise.all(configurations.map(({ synced }) => synced)),
    onChange(listener) {
      for (const informer of configurations) informer.onChange(listener);
    },
    bundles: () => configurations.flatMap((informer) => informer.list().flatMap(bundlesOf)),
    async tell(bundle, signal) {
      const found = configurations.flatMap((informer) =>
        informer.list().map((configuration) => ({ type: informer.type, configuration })),
      );
      await Promise.all(
        found.map(async ({ type, configuration }) => {
          const patch = trustPatch(configuration, bundle);
          if (patch === undefined) return;
          const { name } = configuration.metadata;
          try {
            await client.patch(type, { name }, patch, { signal });
            logger.info('told the apiserver whom to trust', { kind: configuration.kind, name });
          } catch (error) {
            // Somebody else was faster: the change comes back, and is looked at again.
            if (!isConflict(error) && !isNotFound(error)) throw error;
          }
        }),
      );
    },
  };
}
