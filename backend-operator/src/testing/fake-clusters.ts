import { Backends, Tasks } from '../kinds.ts';
import { type FakeApiserver, startFakeApiserver } from '@osmo/kube/testing';

/** A fake apiserver with the product's kinds and the namespaces that the fixtures use. */
export function startHub(namespaces: readonly string[] = ['team-a', 'osmo']): Promise<FakeApiserver> {
  return startFakeApiserver({
    kinds: [
      { type: Tasks, status: true },
      { type: Backends, status: true },
    ],
    namespaces,
  });
}
