import { BackendType, TaskType } from '@osmo/crds';
import { type FakeApiserver, startFakeApiserver } from '@osmo/kube/testing';

/** A fake apiserver with the product's kinds and the namespaces that the fixtures use. */
export function startHub(namespaces: readonly string[] = ['team-a', 'osmo']): Promise<FakeApiserver> {
  return startFakeApiserver({
    kinds: [
      { type: TaskType, status: true },
      { type: BackendType, status: true },
    ],
    namespaces,
  });
}
