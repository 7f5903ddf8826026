import { type Backend, Labels, type Platform, type Pool, type Quota } from '@osmo/crds';
import { type Informer, type KubeObject, type Manager, metadataOf, Namespace, Secret } from '@osmo/kube';
import { Backends, MutatingConfigurations, Platforms, Pools, Quotas, ValidatingConfigurations } from './kinds.ts';
import type { WebhookConfiguration } from './kinds.ts';
import type { Options } from './options.ts';

/** All that the webhooks read without asking the apiserver. */
export interface Caches {
  readonly pools: Informer<Pool>;
  readonly platforms: Informer<Platform>;
  readonly backends: Informer<Backend>;
  readonly quotas: Informer<Quota>;
  /** Metadata of the namespaces that name a pool. */
  readonly namespaces: Informer;
  /** The one Secret with the certificates. */
  readonly secrets: Informer<Secret>;
  /** The own webhook configurations; none where somebody else keeps them. */
  readonly configurations: readonly Informer<WebhookConfiguration>[];
}

type CacheOptions = Pick<Options, 'namespace' | 'secret' | 'configuration' | 'manageCertificates'>;

/** Asks the manager for every cache; they are filled once it starts. */
export function newCaches(manager: Manager, options: CacheOptions): Caches {
  const { namespace, secret, configuration, manageCertificates } = options;
  const own = `metadata.name=${configuration}`;
  return {
    pools: manager.informer({ type: Pools, transform: slim }),
    platforms: manager.informer({ type: Platforms, transform: slim }),
    backends: manager.informer({ type: Backends, transform: slim }),
    quotas: manager.informer({ type: Quotas, transform: slim }),
    namespaces: manager.informer({ type: metadataOf(Namespace), labelSelector: Labels.defaultPool, transform: slim }),
    secrets: manager.informer({ type: Secret, namespace, fieldSelector: `metadata.name=${secret}` }),
    configurations: manageCertificates
      ? [ValidatingConfigurations, MutatingConfigurations].map((type) => manager.informer({ type, fieldSelector: own }))
      : [],
  };
}

function slim<T extends KubeObject>(object: T): T {
  delete object.metadata.managedFields;
  return object;
}
