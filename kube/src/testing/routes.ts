import type { IncomingMessage } from 'node:http';
import { groupResourceOf } from '../client/resource.ts';
import type { RequestInfo } from './faults.ts';
import type { FakeKind } from './kinds.ts';
import type { Registry } from './registry.ts';

/** A request for a resource, taken apart. */
export interface Route {
  kind: FakeKind;
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: string | undefined;
  query: URLSearchParams;
  info: RequestInfo;
}

const pathSyntax = /^\/(?:api\/(?<core>v[^/]+)|apis\/(?<group>[^/]+)\/(?<version>[^/]+))\/(?<rest>.+)$/;
const isTrue = (text: string | null): boolean => text === 'true' || text === '1';

/** Finds the kind and object that a URL names; undefined when no such kind is served. */
export function routeOf(request: IncomingMessage, registry: Registry): Route | undefined {
  const url = new URL(request.url ?? '/', 'http://fake');
  const groups = pathSyntax.exec(url.pathname)?.groups;
  if (!groups) return undefined;
  const parts = (groups['rest'] ?? '').split('/').map(decodeURIComponent);
  const group = groups['group'] ?? '';
  const version = groups['core'] ?? groups['version'] ?? '';
  // /namespaces/NS/PLURAL… is inside a namespace; /namespaces/NS and /namespaces/NS/status are the Namespace itself.
  const inner =
    parts[0] === 'namespaces' && parts.length > 2
      ? registry.find({ group, version, plural: parts[2] ?? '' })
      : undefined;
  const scoped = inner?.type.namespaced === true;
  const namespace = scoped ? parts[1] : undefined;
  const [plural = '', name, ...subresource] = scoped ? parts.slice(2) : parts;
  const kind = scoped ? inner : registry.find({ group, version, plural });
  if (!kind) return undefined;
  const query = url.searchParams;
  return {
    kind,
    namespace,
    name,
    subresource: subresource.join('/') || undefined,
    query,
    info: {
      verb: verbOf(request, name, query),
      resource: groupResourceOf(kind.type),
      namespace,
      name,
      subresource: subresource.join('/') || undefined,
      manager: query.get('fieldManager') ?? undefined,
      dryRun: query.get('dryRun') === 'All',
    },
  };
}

function verbOf(request: IncomingMessage, name: string | undefined, query: URLSearchParams): RequestInfo['verb'] {
  switch (request.method ?? 'GET') {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return request.headers['content-type']?.startsWith('application/apply-patch') ? 'apply' : 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      if (isTrue(query.get('watch'))) return 'watch';
      return name === undefined ? 'list' : 'get';
  }
}
