import { ConfigMap, isConflict, type KubeClient } from '@osmo/kube';
import type { LedgerStore } from './ledger.ts';

/** Key of the ConfigMap's data. */
export const ledgerKeyOfData = 'ledger.json';

/** The ledger in a ConfigMap, which all replicas watch: its version decides who has written. @throws of its functions: KubeError */
export function clusterStore(
  client: Pick<KubeClient, 'get' | 'replace'>,
  { namespace, name }: { namespace: string; name: string },
): LedgerStore {
  let last: ConfigMap | undefined;
  return {
    async read() {
      last = await client.get(ConfigMap, { namespace, name });
      return { text: last.data?.[ledgerKeyOfData], version: last.metadata.resourceVersion ?? '' };
    },
    async write(text, version) {
      if (last === undefined || last.metadata.resourceVersion !== version) return false;
      try {
        await client.replace(ConfigMap, { ...last, data: { ...last.data, [ledgerKeyOfData]: text } });
        return true;
      } catch (error) {
        if (isConflict(error)) return false;
        throw error;
      }
    },
  };
}
