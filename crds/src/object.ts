import { Api } from './constants.ts';

/** Who an object belongs to: metav1.OwnerReference. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Object metadata as it is on the wire: metav1.ObjectMeta without `managedFields`; times are RFC 3339 strings. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
}

/** An object of one of our kinds. `Spec` and `Status` are what the apiserver returns, with every default filled in. */
export interface OsmoObject<Kind extends string, Spec, Status> {
  apiVersion: typeof Api.apiVersion;
  kind: Kind;
  metadata: ObjectMeta;
  spec: Spec;
  /** Absent until its writer has seen the object. */
  status?: Status;
}

/** An object as a user writes it: what has a default may be left out. */
export interface OsmoInput<Kind extends string, Spec> {
  apiVersion: typeof Api.apiVersion;
  kind: Kind;
  metadata: ObjectMeta;
  spec: Spec;
}

/** How a kind is addressed. `T` is the shape of its objects; it exists for the compiler only. */
export interface ResourceType<T = unknown> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural resource name as in URLs and RBAC rules. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** For the compiler only. Clients have the same by the same name, so that a kind brings them the shape of its objects. */
  readonly '~object'?: T;
}

/** The ResourceType of a kind of our group. */
export function resourceType<T extends { kind: string }>(
  kind: T['kind'],
  plural: string,
  scope: 'Namespaced' | 'Cluster',
): ResourceType<T> {
  return { group: Api.group, version: Api.version, kind, plural, namespaced: scope === 'Namespaced' };
}
