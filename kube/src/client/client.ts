import { type Clock, systemClock } from '../runtime/clock.ts';
import type { TimeSaid } from '../runtime/server-clock.ts';
import type { ClusterAccess } from './access.ts';
import { KubeError, TransportReason } from './errors.ts';
import { type Impersonation, impersonationHeaders } from './impersonation.ts';
import { Pod } from './kinds/pod.ts';
import { deleteBody, listQuery, selectorQuery, writeQuery } from './query.ts';
import { Requester, type RequestMetrics } from './requester.ts';
import { apiVersionOf, pathOf } from './resource.ts';
import type { RetryPolicy } from './retry.ts';
import { isStatus } from './status.ts';
import type {
  KubeClient,
  KubeObject,
  ListOptions,
  ListResult,
  Patch,
  RawRequest,
  ResourceType,
  Scale,
  WriteOptions,
} from './types.ts';
import { warningsOf } from './warnings.ts';
import { watchEvents } from './watch.ts';

export interface ClientOptions {
  access: ClusterAccess;
  /** Sent as User-Agent; say which component it is, e.g. 'osmo-controllers/1.2.3'. */
  userAgent?: string | undefined;
  /** Default time for one attempt of a request, ms. Default 60 s. */
  timeoutMs?: number | undefined;
  /** Connections for requests; watches have their own. Default 64. */
  maxConnections?: number | undefined;
  /** Largest accepted answer, bytes. Default 256 MiB. */
  maxBodyBytes?: number | undefined;
  retry?: Partial<RetryPolicy> | undefined;
  metrics?: RequestMetrics | undefined;
  clock?: Clock | undefined;
  /** Told what the server says of its time with each answer. */
  heard?: ((time: TimeSaid) => void) | undefined;
  /** A number in [0, 1) for jitter. Default Math.random. */
  random?: (() => number) | undefined;
}

const patchContentTypes: Record<Patch['kind'] | 'apply', string> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

const metadataAccept = {
  object: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
};

/** A client over its own connection pool; see `KubeClient` for what it promises. */
export function createClient(options: ClientOptions): KubeClient {
  const random = options.random ?? Math.random;
  return clientOver(requesterOf(options, random), random);
}

/** Acts for others over one connection pool. */
export interface Impersonator {
  /** The client under its own identity. */
  readonly own: KubeClient;
  /**
   * A client whose every request is made in the name of somebody else; cheap, and `close` on it does nothing. The own
   * identity needs the verb `impersonate` on users (or serviceaccounts) and groups.
   *
   * @throws RangeError for a name that no header can hold
   */
  as(identity: Impersonation): KubeClient;
}

/** A client and what acts for others beside it, on the same connections; `own.close` closes them. */
export function createImpersonator(options: ClientOptions): Impersonator {
  const random = options.random ?? Math.random;
  const requester = requesterOf(options, random);
  return {
    own: clientOver(requester, random),
    as(identity) {
      const headers = impersonationHeaders(identity);
      const sender: Sender = {
        request: (method, path, request) =>
          requester.request(method, path, { ...request, headers: { ...request?.headers, ...headers } }),
        stream: (method, path, request, idleMs) =>
          requester.stream(method, path, { ...request, headers: { ...request?.headers, ...headers } }, idleMs),
        close: () => Promise.resolve(),
      };
      return clientOver(sender, random);
    },
  };
}

function requesterOf(options: ClientOptions, random: () => number): Requester {
  return new Requester({
    access: options.access,
    clock: options.clock ?? systemClock,
    userAgent: options.userAgent ?? 'osmo-kube',
    timeoutMs: options.timeoutMs ?? 60_000,
    maxConnections: options.maxConnections ?? 64,
    maxBodyBytes: options.maxBodyBytes ?? 256 << 20,
    retry: options.retry,
    metrics: options.metrics,
    heard: options.heard,
    random,
  });
}

type Told = RawRequest & Pick<WriteOptions, 'onWarning'>;
type Sender = Pick<Requester, 'request' | 'stream' | 'close'>;

function clientOver(requester: Sender, random: () => number): KubeClient {
  async function json(method: string, path: string, { onWarning, ...request }: Told): Promise<unknown> {
    const { body, headers } = await requester.request(method, path, request);
    if (onWarning !== undefined) for (const text of warningsOf(headers['warning'])) onWarning(text);
    try {
      return JSON.parse(body.toString('utf8'));
    } catch {
      const message = `${method} ${path}: the answer is not JSON (${body.length} bytes)`;
      throw new KubeError({ status: 0, reason: TransportReason.malformed, message, method, path });
    }
  }

  async function object<T extends KubeObject>(
    type: ResourceType<T>,
    method: string,
    path: string,
    request: Told,
  ): Promise<T> {
    const headers = acceptOf(type, 'object');
    return typed(type, (await json(method, path, headers ? { ...request, headers } : request)) as T);
  }

  return {
    get: (type, ref, { subresource, resourceVersion, ...rest } = {}) =>
      object(type, 'GET', pathOf(type, ref, subresource), { ...rest, query: { resourceVersion } }),

    async list<T extends KubeObject>(type: ResourceType<T>, listOptions: ListOptions = {}): Promise<ListResult<T>> {
      const headers = acceptOf(type, 'list');
      const { signal, timeoutMs } = listOptions;
      const list = (await json('GET', pathOf(type, { namespace: listOptions.namespace }), {
        query: listQuery(listOptions),
        signal,
        timeoutMs,
        headers,
      })) as Partial<ListResult<T>>;
      const items = list.items ?? [];
      for (const item of items) typed(type, item);
      return { items, metadata: { resourceVersion: '', ...list.metadata } };
    },

    create(type, body, { subresource, ...write } = {}) {
      const { name, namespace } = body.metadata;
      const path = subresource
        ? pathOf(type, { name, namespace }, subresource)
        : pathOf(type, { namespace: scopeOf(type, body) });
      return object(type, 'POST', path, { ...transferOf(write), query: writeQuery(write), body });
    },

    replace: (type, body, { subresource, ...write } = {}) =>
      object(type, 'PUT', pathOf(type, body.metadata, subresource), {
        ...transferOf(write),
        query: writeQuery(write),
        body,
      }),

    apply: (type, body, { subresource, force, ...write }) =>
      object(type, 'PATCH', pathOf(type, body.metadata, subresource), {
        ...transferOf(write),
        query: { ...writeQuery(write), force: force ? true : undefined },
        body: { ...(body as KubeObject), apiVersion: apiVersionOf(type), kind: type.kind },
        contentType: patchContentTypes.apply,
        idempotent: true,
      }),

    patch: (type, ref, patch, { subresource, ...write } = {}) =>
      object(type, 'PATCH', pathOf(type, ref, subresource), {
        ...transferOf(write),
        query: writeQuery(write),
        body: patch.body,
        contentType: patchContentTypes[patch.kind],
        // A merge patch sets fields to values, so twice is once; a JSON patch may append.
        idempotent: patch.kind === 'merge',
      }),

    async delete<T extends KubeObject>(type: ResourceType<T>, ref: { name: string }, deleteOptions = {}) {
      const answer = await json('DELETE', pathOf(type, ref), {
        ...transferOf(deleteOptions),
        body: deleteBody(deleteOptions),
        headers: acceptOf(type, 'object'),
      });
      return isStatus(answer) || isGone(answer as T) ? undefined : typed(type, answer as T);
    },

    async deleteCollection(type, deleteOptions = {}) {
      const { signal, timeoutMs } = deleteOptions;
      await requester.request('DELETE', pathOf(type, { namespace: deleteOptions.namespace }), {
        signal,
        timeoutMs,
        query: selectorQuery(deleteOptions),
        body: deleteBody(deleteOptions),
      });
    },

    async evict(ref, deleteOptions = {}) {
      const body = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: ref.name, namespace: ref.namespace },
        deleteOptions: deleteBody(deleteOptions),
      };
      await requester.request('POST', pathOf(Pod, ref, 'eviction'), { ...transferOf(deleteOptions), body });
    },

    getScale: async (type, ref, requestOptions = {}) =>
      (await json('GET', pathOf(type, ref, 'scale'), requestOptions)) as Scale,

    scale: async (type, ref, replicas, write = {}) =>
      (await json('PATCH', pathOf(type, ref, 'scale'), {
        ...transferOf(write),
        query: writeQuery(write),
        body: { spec: { replicas } },
        contentType: patchContentTypes.merge,
        idempotent: true,
      })) as Scale,

    async *watch(type, watchOptions = {}) {
      const { signal, namespace } = watchOptions;
      const path = pathOf(type, { namespace });
      // Random, so that many watches opened together do not end together.
      const timeoutSeconds = watchOptions.timeoutSeconds ?? Math.floor(300 + random() * 300);
      const stream = await requester.stream(
        'GET',
        path,
        {
          signal,
          timeoutMs: watchOptions.headersTimeoutMs,
          headers: acceptOf(type, 'object'),
          query: {
            ...selectorQuery(watchOptions),
            watch: true,
            allowWatchBookmarks: watchOptions.allowWatchBookmarks ?? true,
            resourceVersion: watchOptions.resourceVersion,
            resourceVersionMatch: watchOptions.resourceVersionMatch,
            sendInitialEvents: watchOptions.sendInitialEvents,
            timeoutSeconds,
          },
        },
        watchOptions.stallTimeoutMs ?? (timeoutSeconds + 30) * 1000,
      );
      for await (const event of watchEvents<KubeObject>(stream, path)) {
        signal?.throwIfAborted();
        if (event.type !== 'BOOKMARK') typed(type, event.object);
        yield event as never;
      }
    },

    request: (method, path, request) => requester.request(method, path, request),
    stream: (method, path, request) => requester.stream(method, path, request),
    close: () => requester.close(),
  };
}

function acceptOf(type: ResourceType, shape: 'object' | 'list'): Record<string, string> | undefined {
  return type.projection === 'metadata' ? { accept: metadataAccept[shape] } : undefined;
}

/** List items lack apiVersion and kind, and metadata projections carry their own: an object is what was asked for. */
function typed<T extends KubeObject>(type: ResourceType<T>, value: T): T {
  if (type.projection || value.kind === undefined) {
    value.apiVersion = apiVersionOf(type);
    value.kind = type.kind;
  }
  return value;
}

/** Some kinds answer a deletion with the object, although nothing keeps it. */
function isGone({ metadata }: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = metadata;
  return !deletionTimestamp || (!deletionGracePeriodSeconds && !finalizers?.length);
}

function scopeOf(type: ResourceType, value: KubeObject): string | undefined {
  const { namespace, name, generateName } = value.metadata;
  if (type.namespaced && !namespace) {
    throw new TypeError(`${type.kind} ${name || generateName || ''}: metadata.namespace is required`);
  }
  return namespace;
}

function transferOf({ signal, timeoutMs, onWarning }: Told): Told {
  return { signal, timeoutMs, onWarning };
}
