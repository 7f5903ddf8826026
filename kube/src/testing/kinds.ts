import type { CustomResourceDefinition } from '../client/kinds/cluster.ts';
import * as cluster from '../client/kinds/cluster.ts';
import * as core from '../client/kinds/core.ts';
import { Pod } from '../client/kinds/pod.ts';
import { resourceType } from '../client/resource.ts';
import type { KubeObject, ResourceType } from '../client/types.ts';

/** How server-side apply merges a list: as one value, by keys of its items, or as a set of scalars. */
export type ListRule = 'atomic' | 'set' | { keys: readonly string[] };

/** What the fake knows of a kind beyond its name. */
export interface FakeKind {
  type: ResourceType;
  /** Has /status, which isolates status from the rest. */
  status?: boolean;
  /** Has /scale over `spec.replicas`. */
  scale?: boolean;
  /** Counts changes outside of metadata and status in `metadata.generation`. Default: `status`. */
  generation?: boolean;
  /** Deleted with a grace period while `spec.nodeName` is set, as pods are. */
  graceful?: boolean;
  /** PUT without a resourceVersion is taken. Custom resources refuse it. */
  unconditionalUpdate?: boolean;
  /** DELETE answers with the object instead of a Status. */
  returnsDeleted?: boolean;
  /** Rules by path ('spec.tasks'; items of lists are '[]': 'spec.containers[].env'). Other lists are atomic. */
  lists?: Readonly<Record<string, ListRule>>;
  /** Paths of maps that are one value. */
  atomicMaps?: readonly string[];
  /** Fields for field selectors beside metadata.name and metadata.namespace. */
  selectableFields?: readonly string[];
  /** Returns what is wrong with an object about to be stored; any answer refuses it with 422. */
  validate?: (object: KubeObject, old: KubeObject | undefined) => readonly FieldProblem[];
  /** Fills in defaults before validation. */
  default?: (object: KubeObject) => void;
}

export interface FieldProblem {
  field: string;
  reason: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueForbidden';
  message: string;
}

const key = (...keys: string[]): ListRule => ({ keys });
const containerLists = (path: string): Record<string, ListRule> => ({
  [path]: key('name'),
  [`${path}[].env`]: key('name'),
  [`${path}[].ports`]: key('containerPort', 'protocol'),
  [`${path}[].volumeMounts`]: key('mountPath'),
});

/** The lists of every object's metadata. */
export const metadataLists: Readonly<Record<string, ListRule>> = {
  'metadata.ownerReferences': key('uid'),
  'metadata.finalizers': 'set',
};

const podLists: Record<string, ListRule> = {
  ...containerLists('spec.containers'),
  ...containerLists('spec.initContainers'),
  'spec.volumes': key('name'),
  'spec.imagePullSecrets': key('name'),
  'status.conditions': key('type'),
};

/** stringData is write-only: it ends up in data. */
function encodeSecret(object: KubeObject): void {
  const secret = object as core.Secret;
  secret.type ??= 'Opaque';
  if (!secret.stringData) return;
  const encoded = Object.entries(secret.stringData).map(([name, text]) => [name, Buffer.from(text).toString('base64')]);
  secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
  delete secret.stringData;
}

/** Kinds that every fake serves. */
export const builtinKinds: readonly FakeKind[] = [
  {
    type: Pod,
    status: true,
    graceful: true,
    unconditionalUpdate: true,
    returnsDeleted: true,
    lists: podLists,
    selectableFields: ['spec.nodeName', 'spec.schedulerName', 'spec.restartPolicy', 'status.phase', 'status.podIP'],
    default(pod) {
      const { status } = pod as Pod;
      if (status?.phase === undefined) (pod as Pod).status = { ...status, phase: 'Pending' };
    },
  },
  {
    type: core.Node,
    unconditionalUpdate: true,
    status: true,
    generation: false,
    lists: { 'status.conditions': key('type') },
    selectableFields: ['spec.unschedulable'],
  },
  { type: core.Secret, unconditionalUpdate: true, default: encodeSecret, selectableFields: ['type'] },
  { type: core.ConfigMap, unconditionalUpdate: true },
  {
    type: core.Service,
    unconditionalUpdate: true,
    status: true,
    generation: false,
    lists: { 'spec.ports': key('port', 'protocol') },
  },
  {
    type: core.Namespace,
    unconditionalUpdate: true,
    status: true,
    generation: false,
    selectableFields: ['status.phase'],
  },
  { type: core.ServiceAccount, unconditionalUpdate: true },
  { type: cluster.Lease },
  {
    type: cluster.Event,
    unconditionalUpdate: true,
    selectableFields: ['reason', 'type', 'reportingController', 'regarding.name', 'regarding.kind'],
  },
  { type: cluster.CustomResourceDefinition, status: true, lists: { 'status.conditions': key('type') } },
  {
    type: cluster.Deployment,
    unconditionalUpdate: true,
    status: true,
    scale: true,
    lists: { 'status.conditions': key('type') },
  },
  { type: cluster.PodDisruptionBudget, status: true },
  { type: cluster.PriorityClass, unconditionalUpdate: true },
];

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
}

/**
 * The kinds that a CustomResourceDefinition declares, one per served version: scope, subresources, selectable fields, and
 * the list and map rules of the schema. The schema itself is not enforced: that is the real apiserver's work.
 */
export function kindsOf(crd: CustomResourceDefinition): FakeKind[] {
  const { group, scope, names, versions } = crd.spec;
  return versions
    .filter((version) => version.served)
    .map((version) => {
      const lists: Record<string, ListRule> = {};
      const atomicMaps: string[] = [];
      collectRules(version.schema?.openAPIV3Schema ?? {}, '', lists, atomicMaps);
      const namespaced = scope === 'Namespaced';
      return {
        type: resourceType({ group, version: version.name, kind: names.kind, plural: names.plural, namespaced }),
        status: version.subresources?.status !== undefined,
        scale: version.subresources?.scale !== undefined,
        generation: true,
        lists,
        atomicMaps,
        selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
      };
    });
}

function collectRules(schema: Schema, path: string, lists: Record<string, ListRule>, atomicMaps: string[]): void {
  if (schema['x-kubernetes-map-type'] === 'atomic') atomicMaps.push(path);
  if (schema['x-kubernetes-list-type'] === 'set') lists[path] = 'set';
  if (schema['x-kubernetes-list-type'] === 'map') lists[path] = { keys: schema['x-kubernetes-list-map-keys'] ?? [] };
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    collectRules(inner, path === '' ? name : `${path}.${name}`, lists, atomicMaps);
  }
  if (schema.items) collectRules(schema.items, `${path}[]`, lists, atomicMaps);
}
