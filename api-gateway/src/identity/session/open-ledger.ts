import { type Clock, ConfigMap, type KubeClient, type Logger, type Manager } from '@osmo/kube';
import { clusterStore, ledgerKeyOfData } from './cluster-store.ts';
import { Ledger, memoryStore } from './ledger.ts';

/** The ledger of logins and sessions: in the ConfigMap that the gateway was given, else in this process. `synced`: once it is known here. */
export function sessionLedger(
  {
    own,
    clock,
    logger,
    options: { namespace, sessionsConfigMap: name },
  }: {
    own: KubeClient;
    clock: Clock;
    logger: Logger;
    options: { namespace?: string; sessionsConfigMap?: string };
  },
  manager: Manager,
): { ledger: Ledger; synced: Promise<void> } {
  if (name === undefined || namespace === undefined)
    return { ledger: new Ledger(memoryStore(), { clock, logger }), synced: Promise.resolve() };
  const ledger = new Ledger(clusterStore(own, { namespace, name }), { clock, logger });
  const maps = manager.informer({ type: ConfigMap, namespace, fieldSelector: `metadata.name=${name}` });
  maps.onChange(() => ledger.take(maps.get(namespace, name)?.data?.[ledgerKeyOfData]));
  return { ledger, synced: maps.synced };
}
