import { Labels } from '@osmo/crds';
import { isForbidden, type KubeClient, type Logger, metadataOf, Secret } from '@osmo/kube';

const timeoutMs = 2_000;
/** More credentials than a namespace has. */
const most = 1000;

/**
 * The types of the credentials of a namespace by name. Only metadata travels, but the right to list Secrets is the right to
 * read them: it is given namespace by namespace, and where it isn't, credentials aren't checked here; a task that names one
 * which isn't there then says so when it starts.
 */
export function credentialsOf(
  client: Pick<KubeClient, 'list'>,
  logger: Logger,
): (namespace: string) => Promise<ReadonlyMap<string, string> | undefined> {
  return async (namespace) => {
    try {
      const options = { namespace, labelSelector: Labels.credentialType, limit: most, timeoutMs };
      const { items, metadata } = await client.list(metadataOf(Secret), options);
      if (metadata.continue !== undefined && metadata.continue !== '') return undefined;
      return new Map(items.map((item) => [item.metadata.name, item.metadata.labels?.[Labels.credentialType] ?? '']));
    } catch (error) {
      if (!isForbidden(error)) logger.warn('credentials can not be looked up', { namespace, error });
      return undefined;
    }
  };
}
