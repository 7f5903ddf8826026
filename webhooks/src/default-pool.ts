import { Labels } from '@osmo/crds';
import {
  isForbidden,
  isNotFound,
  type Informer,
  type KubeClient,
  type KubeObject,
  metadataOf,
  Namespace,
} from '@osmo/kube';

const timeoutMs = 2_000;

/**
 * The pool that a namespace names. The cache has all namespaces that name one; a namespace that it hasn't may have got its
 * label a moment ago, so it is asked for: the apiserver calls `mutate` for labelled namespaces only, so this is rare.
 *
 * @throws KubeError when it can't be known
 */
export function defaultPoolOf(
  namespaces: Pick<Informer, 'get'>,
  client: Pick<KubeClient, 'get'>,
): (namespace: string) => Promise<string | undefined> {
  return async (namespace) => {
    const known = labelOf(namespaces.get(undefined, namespace));
    if (known !== undefined || namespace === '') return known;
    try {
      return labelOf(await client.get(metadataOf(Namespace), { name: namespace }, { timeoutMs }));
    } catch (error) {
      if (isNotFound(error) || isForbidden(error)) return undefined;
      throw error;
    }
  };
}

function labelOf(namespace: KubeObject | undefined): string | undefined {
  const value = namespace?.metadata.labels?.[Labels.defaultPool];
  return value === '' ? undefined : value;
}
