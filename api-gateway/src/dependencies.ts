import type { KubeClient, Clock, Logger } from '@osmo/kube';
import type { Outgoing } from '@osmo/kube/outgoing';
import type { ObjectStore } from '@osmo/storage';
import type { Access } from './access/access.ts';
import type { Archive } from './archive/archive.ts';
import type { Caches } from './caches.ts';
import type { CredentialSwitches } from './credentials/switches.ts';
import type { Identity } from './identity/identity.ts';
import type { GatewayKeys } from './identity/keys/gateway-keys.ts';
import type { People } from './users/people.ts';

/** What the operations of the API work with. */
export interface Dependencies {
  caches: Caches;
  access: Access;
  /** The gateway's own client: for reads that `access` has allowed. */
  own: KubeClient;
  /** A client in the name of a caller: for everything that RBAC is to decide by itself. */
  as(caller: Identity): KubeClient;
  /** Where logs and records of workflows are; undefined: nowhere but in the cluster. */
  store?: ObjectStore | undefined;
  /** Finished workflows that are gone from the cluster; undefined: there is no store. */
  archive?: Archive | undefined;
  /** Calls hosts that people name, where they may be called. */
  outgoing: Pick<Outgoing, 'fetch' | 'check'>;
  /** Which credentials aren't tried when they are set. */
  credentialSwitches: CredentialSwitches;
  clock: Clock;
  logger: Logger;
  defaultNamespace: string;
  /** URL by which people reach the gateway; absent: the address that a request names. */
  publicUrl?: string | undefined;
  /** Whether TLS is served here. */
  overTls?: boolean;
  /** The gateway's own keys: for tokens and cookies that it gives out. */
  keys: GatewayKeys;
  /** Those who call: their tokens, roles and logins. */
  people: People;
}
