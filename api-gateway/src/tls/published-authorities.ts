import { ConfigMap, type Informer, isConflict, isNotFound, type KubeClient, type Logger } from '@osmo/kube';
import type { Trusting } from '@osmo/kube/certificates';

/** Key of the ConfigMap's data, as in that of every namespace about the apiserver. */
const dataKey = 'ca.crt';

/** Whoever copies the authorities from a ConfigMap: there they stand before a certificate of theirs is served. */
export function publishedAuthorities(
  configMaps: Informer<ConfigMap>,
  client: Pick<KubeClient, 'patch'>,
  logger: Logger,
): Trusting {
  return {
    synced: configMaps.synced,
    onChange: (listener) => configMaps.onChange(listener),
    bundles: () => configMaps.list().map(({ data }) => data?.[dataKey] ?? ''),
    async tell(bundle, signal) {
      for (const { data, metadata } of configMaps.list()) {
        const { name, namespace, resourceVersion } = metadata;
        if (data?.[dataKey] === bundle || namespace === undefined) continue;
        try {
          // Without the version two replicas that saw different ages of the Secret could undo each other's change.
          const body = { metadata: { resourceVersion }, data: { [dataKey]: bundle } };
          // There is one.
          // oxlint-disable-next-line no-await-in-loop
          await client.patch(ConfigMap, { namespace, name }, { kind: 'merge', body }, { signal });
          logger.info('published whom to trust', { namespace, name });
        } catch (error) {
          // Somebody else was faster: the change comes back, and is looked at again.
          if (!isConflict(error) && !isNotFound(error)) throw error;
        }
      }
    },
  };
}
