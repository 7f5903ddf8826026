import type { IncomingMessage } from 'node:http';
import { apiVersionOf, groupResourceOf } from '../client/resource.ts';
import type { JsonPatchOperation, KubeObject } from '../client/types.ts';
import {
  ApiError,
  badRequest,
  conflict,
  expired,
  methodNotAllowed,
  notFound,
  unsupportedMediaType,
} from './api-error.ts';
import { applyPatch } from './apply.ts';
import { rulesOf } from './field-sets.ts';
import { jsonPatch, mergePatch, strategicPatch } from './patches.ts';
import type { DeleteRequest, Registry, WriteContext } from './registry.ts';
import type { Route } from './routes.ts';
import { matcher } from './watching.ts';

export interface Answer {
  status: number;
  body: object;
}

/** Decides about an eviction; returns the message of a refusal (429), undefined to allow it. */
export type EvictionRule = (pod: KubeObject) => string | undefined;

/** Everything but watches: one request in, one answer out, all synchronous. @throws ApiError */
export function handle(
  registry: Registry,
  route: Route,
  body: unknown,
  request: IncomingMessage,
  mayEvict: EvictionRule,
): Answer {
  const { kind, namespace, name, subresource } = route;
  if (subresource === 'scale' && kind.scale) return handleScale(registry, route, body);
  if (subresource === 'eviction' && kind.type.plural === 'pods') return evict(registry, route, body, mayEvict);
  if (subresource !== undefined && !(subresource === 'status' && kind.status)) {
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
  const context = contextOf(route, request);
  switch (route.info.verb) {
    case 'get':
      return { status: 200, body: registry.get(kind, namespace, name ?? '') };
    case 'list':
      return { status: 200, body: list(registry, route) };
    case 'create':
      if (name !== undefined) throw methodNotAllowed();
      return { status: 201, body: registry.create(kind, namespace, objectOf(body), context) };
    case 'update': {
      const next = objectOf(body);
      if (!next.metadata.resourceVersion && !kind.unconditionalUpdate) throw versionRequired(route);
      return { status: 200, body: registry.update(kind, registry.get(kind, namespace, name ?? ''), next, context) };
    }
    case 'patch':
      return { status: 200, body: patch(registry, route, body, request, context) };
    case 'apply':
      return apply(registry, route, objectOf(body), context);
    case 'delete':
      return remove(registry, route, body);
    case 'deletecollection':
      return removeAll(registry, route, body);
    case 'watch':
      throw methodNotAllowed();
  }
}

const versionRequired = ({ kind, name = '' }: Route): ApiError => {
  const { group, kind: kindName, plural } = kind.type;
  const message = `Invalid value: 0: must be specified for an update`;
  return new ApiError(422, 'Invalid', `${plural}.${group} "${name}" is invalid: metadata.resourceVersion: ${message}`, {
    name,
    group,
    kind: kindName,
    causes: [{ reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' }],
  });
};

function contextOf({ query, subresource }: Route, request: IncomingMessage): WriteContext {
  const agent = request.headers['user-agent']?.split('/')[0];
  const manager = query.get('fieldManager') || agent || 'unknown';
  return { manager, subresource, dryRun: query.get('dryRun') === 'All' };
}

function objectOf(body: unknown): KubeObject {
  const object = body as Partial<KubeObject> | undefined;
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    throw badRequest('the body is not an object');
  if (typeof object.metadata !== 'object' || object.metadata === null)
    return { ...object, metadata: { name: '' } } as KubeObject;
  return { ...object, metadata: { ...object.metadata, name: object.metadata.name ?? '' } } as KubeObject;
}

function list(registry: Registry, { kind, namespace, query }: Route): object {
  const { storage } = registry;
  const resource = groupResourceOf(kind.type);
  const match = matcher(kind, selectors(namespace, query));
  const limit = Number(query.get('limit') ?? 0);
  const token = query.get('continue');
  const version = query.get('resourceVersion');
  const exact = query.get('resourceVersionMatch') === 'Exact' ? Number(version) : undefined;
  const from = token ? decodeToken(token) : { revision: exact ?? storage.revision, after: '' };
  if (from.revision < storage.compacted) {
    throw expired(
      token
        ? 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.'
        : `The resourceVersion for the provided list is too old.`,
    );
  }
  const all = storage.list(resource, from.revision).filter(([key, object]) => key > from.after && match(object));
  // As the real one: "any version" is answered from the cache, which does not page.
  const paged = limit > 0 && version !== '0' && all.length > limit;
  const page = paged ? all.slice(0, limit) : all;
  const metadata = {
    resourceVersion: String(from.revision),
    ...(paged && {
      continue: encodeToken({ revision: from.revision, after: page.at(-1)?.[0] ?? '' }),
      // Not known with selectors, as with the real one.
      ...(!query.get('labelSelector') && !query.get('fieldSelector') && { remainingItemCount: all.length - limit }),
    }),
  };
  const items = page.map(([, { apiVersion: _, kind: __, ...rest }]) => rest);
  return { kind: `${kind.type.kind}List`, apiVersion: apiVersionOf(kind.type), metadata, items };
}

export function selectors(namespace: string | undefined, query: URLSearchParams): Parameters<typeof matcher>[1] {
  return {
    namespace,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
  };
}

interface Token {
  revision: number;
  after: string;
}
const encodeToken = (token: Token): string => Buffer.from(JSON.stringify(token)).toString('base64url');
function decodeToken(text: string): Token {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as Token;
  } catch {
    throw badRequest('continue key is not valid');
  }
}

function patch(
  registry: Registry,
  route: Route,
  body: unknown,
  request: IncomingMessage,
  context: WriteContext,
): KubeObject {
  const { kind, namespace, name = '' } = route;
  const current = registry.get(kind, namespace, name);
  const type = request.headers['content-type']?.split(';')[0] ?? '';
  const next = ((): unknown => {
    switch (type) {
      case 'application/merge-patch+json':
        return mergePatch(current, body);
      case 'application/json-patch+json':
        return jsonPatch(current, body as JsonPatchOperation[]);
      case 'application/strategic-merge-patch+json':
        if (kind.type.group.includes('.') && !kind.type.group.endsWith('k8s.io')) throw unsupportedMediaType(type);
        return strategicPatch(current, body, rulesOf(kind));
      default:
        throw unsupportedMediaType(type);
    }
  })();
  return registry.update(kind, current, objectOf(next), context);
}

function apply(registry: Registry, route: Route, applied: KubeObject, context: WriteContext): Answer {
  const { kind, namespace, name = '', query } = route;
  if (!query.get('fieldManager'))
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  if (applied.metadata.managedFields?.length) throw badRequest('metadata.managedFields must be nil');
  const force = query.get('force') === 'true';
  const rules = rulesOf(kind);
  const current = registry.storage.get(groupResourceOf(kind.type), `${namespace ?? ''}/${name}`);
  if (!current && context.subresource) throw notFound(kind, name);
  const part = ownPart(kind.status === true, applied, context.subresource);
  const writer = registry.writer(kind, context, 'Apply');
  const merged = applyPatch(current, part, writer, { force, rules });
  if (!current) {
    const { uid: wanted } = applied.metadata;
    if (wanted)
      throw conflict(
        kind,
        name,
        `uid mismatch: the provided object specified uid ${wanted}, and no existing object was found`,
      );
    return { status: 201, body: registry.create(kind, namespace, merged, context) };
  }
  const { uid, resourceVersion } = applied.metadata;
  const checked = {
    ...merged,
    metadata: { ...merged.metadata, resourceVersion: resourceVersion ?? '', ...(uid && { uid }) },
  };
  return { status: 200, body: registry.update(kind, current, checked, context, true) };
}

/** What of an applied object counts at this (sub)resource: status at /status, all but status elsewhere. */
function ownPart(hasStatus: boolean, applied: KubeObject, subresource: string | undefined): KubeObject {
  const { status, ...rest } = applied as KubeObject & { status?: unknown };
  if (subresource !== 'status') return hasStatus ? rest : applied;
  const { apiVersion, kind, metadata } = applied;
  const { name, namespace } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace && { namespace }) },
    ...(status !== undefined && { status }),
  };
}

function deleteRequest(body: unknown, query: URLSearchParams): DeleteRequest {
  const options = (body ?? {}) as { preconditions?: object; dryRun?: string[] } & DeleteRequest;
  const grace = query.get('gracePeriodSeconds');
  return {
    ...options.preconditions,
    propagationPolicy: options.propagationPolicy,
    gracePeriodSeconds: options.gracePeriodSeconds ?? (grace === null ? undefined : Number(grace)),
    dryRun: options.dryRun?.includes('All') || query.get('dryRun') === 'All',
  };
}

function remove(registry: Registry, { kind, namespace, name = '', query }: Route, body: unknown): Answer {
  const { object, gone } = registry.delete(kind, namespace, name, deleteRequest(body, query));
  if (!gone || kind.returnsDeleted) return { status: 200, body: object };
  const details = {
    name,
    ...(kind.type.group && { group: kind.type.group }),
    kind: kind.type.plural,
    uid: object.metadata.uid,
  };
  return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

function removeAll(registry: Registry, { kind, namespace, query }: Route, body: unknown): Answer {
  const match = matcher(kind, selectors(namespace, query));
  const { storage } = registry;
  const items = storage
    .list(groupResourceOf(kind.type))
    .map(([, object]) => object)
    .filter((object) => match(object));
  for (const { metadata } of items)
    registry.delete(kind, metadata.namespace, metadata.name, deleteRequest(body, query));
  const metadata = { resourceVersion: String(storage.revision) };
  return { status: 200, body: { kind: `${kind.type.kind}List`, apiVersion: apiVersionOf(kind.type), metadata, items } };
}

function handleScale(registry: Registry, { kind, namespace, name = '', info }: Route, body: unknown): Answer {
  const current = registry.get(kind, namespace, name) as KubeObject & {
    spec?: { replicas?: number };
    status?: { replicas?: number };
  };
  const asked = (body as { spec?: { replicas?: number } } | undefined)?.spec?.replicas;
  const write = info.verb !== 'get' && asked !== undefined;
  const next = { ...current, spec: { ...current.spec, replicas: asked } };
  const context = { manager: info.manager ?? 'unknown', dryRun: info.dryRun };
  const object = write ? (registry.update(kind, current, next, context) as typeof current) : current;
  const { uid, resourceVersion } = object.metadata;
  return {
    status: 200,
    body: {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name, namespace, uid, resourceVersion },
      spec: { replicas: object.spec?.replicas ?? 0 },
      status: { replicas: object.status?.replicas ?? 0 },
    },
  };
}

function evict(
  registry: Registry,
  { kind, namespace, name = '' }: Route,
  body: unknown,
  mayEvict: EvictionRule,
): Answer {
  const pod = registry.get(kind, namespace, name);
  const refusal = mayEvict(pod);
  if (refusal !== undefined) {
    const causes = [{ reason: 'DisruptionBudget', message: refusal }];
    throw new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes,
    });
  }
  const options = (body as { deleteOptions?: unknown } | undefined)?.deleteOptions;
  registry.delete(kind, namespace, name, deleteRequest(options, new URLSearchParams()));
  return { status: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}
