import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fixedAccess } from '../client/access.ts';
import { type ClientOptions, createClient } from '../client/client.ts';
import type { CustomResourceDefinition } from '../client/kinds/cluster.ts';
import { Namespace } from '../client/kinds/core.ts';
import { apiVersionOf, groupResourceOf } from '../client/resource.ts';
import type { KubeClient, KubeObject, ObjectRef, ResourceType } from '../client/types.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { ApiError } from './api-error.ts';
import { type Effect, type Fault, Faults, type InjectedFault, type RequestInfo } from './faults.ts';
import { type EvictionRule, handle } from './handlers.ts';
import { builtinKinds, type FakeKind, kindsOf } from './kinds.ts';
import { Registry, storageKey } from './registry.ts';
import { type Route, routeOf } from './routes.ts';
import { openWatch, type OpenWatch } from './watch-response.ts';
import { project, readJson, send } from './wire.ts';

export interface FakeApiserverOptions {
  /** Kinds beside the built-in ones: as descriptions or as CustomResourceDefinitions. */
  kinds?: readonly (FakeKind | CustomResourceDefinition)[];
  /** Namespaces to begin with, beside 'default' and 'kube-system'. Objects in others are refused, as by a real server. */
  namespaces?: readonly string[];
  /** Source of timestamps. */
  clock?: Clock;
  garbageCollect?: boolean;
  /** false: `sendInitialEvents` is refused, as by a server without WatchList. Default true. */
  watchList?: boolean;
  mayEvict?: EvictionRule;
}

/** One line of the request log. */
export interface LoggedRequest extends RequestInfo {
  /** HTTP status of the answer; 0 when the connection was broken instead. */
  status: number;
}

const reads: ReadonlySet<RequestInfo['verb']> = new Set(['get', 'list', 'watch']);

/** Starts a fake on a free local port. `await using` closes it. */
export async function startFakeApiserver(options: FakeApiserverOptions = {}): Promise<FakeApiserver> {
  const fake = new FakeApiserver(options);
  await fake.listen();
  return fake;
}

/**
 * An apiserver in memory, over HTTP. It tells the truth (a contract suite holds it against the real one) about
 * versions, conflicts, paging, watches, selectors, status isolation, generations, finalizers, patches and server-side
 * apply; it knows no authentication, admission, conversion, defaults or schema validation but what `FakeKind` declares.
 */
export class FakeApiserver implements AsyncDisposable {
  /** Every request for a resource that was answered, watches when they were opened. */
  readonly requests: LoggedRequest[] = [];
  readonly #options: FakeApiserverOptions;
  readonly #registry: Registry;
  readonly #faults = new Faults();
  readonly #server: Server;
  readonly #watches = new Set<OpenWatch>();
  readonly #clients: KubeClient[] = [];

  constructor(options: FakeApiserverOptions) {
    this.#options = options;
    this.#registry = new Registry({
      clock: options.clock ?? systemClock,
      garbageCollect: options.garbageCollect ?? false,
    });
    for (const kind of [...builtinKinds, ...(options.kinds ?? [])]) this.register(kind);
    for (const name of ['default', 'kube-system', ...(options.namespaces ?? [])]) this.addNamespace(name);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A client of this server; closed with it. */
  client(options: Partial<ClientOptions> = {}): KubeClient {
    const client = createClient({ access: fixedAccess(this.url), ...options });
    this.#clients.push(client);
    return client;
  }

  /** Serves more kinds from now on. */
  register(kind: FakeKind | CustomResourceDefinition): void {
    for (const one of 'metadata' in kind ? kindsOf(kind) : [kind]) this.#registry.register(one);
  }

  addNamespace(name: string): void {
    this.seed(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } });
  }

  /** Stores an object as given, status included, as if someone had been here before. Returns it as stored. */
  seed<T extends KubeObject>(type: ResourceType<T>, object: T): T {
    const kind = this.#kind(type);
    const context = { manager: 'seed' };
    const created = this.#registry.create(kind, object.metadata.namespace, object, context);
    const { status } = object as { status?: unknown };
    if (status === undefined || !kind.status) return created as T;
    return this.#registry.update(kind, created, { ...created, status } as KubeObject, {
      ...context,
      subresource: 'status',
    }) as T;
  }

  /** The object as stored now, or undefined. */
  get<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef): T | undefined {
    return this.#registry.storage.get(groupResourceOf(type), storageKey(ref.namespace, ref.name)) as T | undefined;
  }

  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): T[] {
    const all = this.#registry.storage.list(groupResourceOf(type)).map(([, object]) => object as T);
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  /**
   * Changes an object as somebody else would: `change` gets a copy to modify. Spec, metadata and status may change alike.
   *
   * @throws when there is no such object.
   */
  update<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, change: (object: T) => void): T {
    const kind = this.#kind(type);
    const next = structuredClone(this.#registry.get(kind, ref.namespace, ref.name)) as T & { status?: unknown };
    change(next);
    next.metadata.resourceVersion = '';
    const write = (subresource?: string): T =>
      this.#registry.update(kind, this.#registry.get(kind, ref.namespace, ref.name), next, {
        manager: 'other',
        subresource,
      }) as T;
    const stored = write();
    return kind.status && this.get(type, ref) ? write('status') : stored;
  }

  /** Deletes an object as somebody else would; finalizers hold it as usual. */
  remove(type: ResourceType, ref: ObjectRef): void {
    this.#registry.delete(this.#kind(type), ref.namespace, ref.name, {});
  }

  /** Revision of the last change. */
  get revision(): number {
    return this.#registry.storage.revision;
  }

  inject(fault: Fault): InjectedFault {
    return this.#faults.inject(fault);
  }

  /** Forgets history up to a revision (default: all): older watches and continue tokens get 410. */
  compact(revision?: number): void {
    this.#registry.storage.compact(revision);
  }

  /** Sends every open watch a bookmark of the current revision. */
  bookmark(): void {
    for (const watch of this.#watches) watch.bookmark();
  }

  /** Ends every open watch properly, as a server does from time to time. */
  closeWatches(): void {
    for (const watch of [...this.#watches]) watch.end();
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** The requests that changed (or were to change) something, dry runs left out. */
  get writes(): LoggedRequest[] {
    return this.requests.filter(({ verb, dryRun }) => !reads.has(verb) && !dryRun);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #kind(type: ResourceType): FakeKind {
    const kind = this.#registry.find(type);
    if (!kind) throw new Error(`the fake does not serve ${groupResourceOf(type)} ${type.version}; register it`);
    return kind;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const route = routeOf(request, this.#registry);
      if (!route) return this.#serveOther(request, response);
      const effect = this.#faults.strike(route.info);
      if (effect && !(await this.#suffer(effect, route, response))) return;
      const body = await readJson(request);
      if (response.destroyed) return;
      if (route.info.verb === 'watch') return this.#watch(route, request, response, effect);
      const answer = this.#answer(route, body, request);
      this.requests.push({ ...route.info, status: answer.status });
      if (effect && 'reset' in effect) request.socket.destroy();
      else send(response, answer.status, project(request, route, answer.body));
    } catch (error) {
      const failure = error instanceof ApiError ? error : new ApiError(500, 'InternalError', String(error));
      send(response, failure.status.code ?? 500, failure.status, failure.headers);
    }
  }

  #answer(route: Route, body: unknown, request: IncomingMessage): { status: number; body: object } {
    try {
      return handle(this.#registry, route, body, request, this.#options.mayEvict ?? (() => undefined));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { status: error.status.code ?? 500, body: error.status };
    }
  }

  /** Lets the fault happen; true when the request goes on. */
  async #suffer(effect: Effect, { info }: Route, response: ServerResponse): Promise<boolean> {
    if ('respond' in effect) {
      const { status, reason = 'InternalError', message = 'injected', retryAfterSeconds, body } = effect.respond;
      const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      this.requests.push({ ...info, status });
      if (body === undefined) send(response, status, new ApiError(status, reason, message).status, headers);
      else response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
      return false;
    }
    if ('delayMs' in effect) await new Promise((resolve) => setTimeout(resolve, effect.delayMs));
    const dead = ('reset' in effect && effect.reset === 'before') || ('stall' in effect && info.verb !== 'watch');
    if (!dead) return true;
    this.requests.push({ ...info, status: 0 });
    if ('reset' in effect) response.socket?.destroy();
    return false;
  }

  #watch(route: Route, request: IncomingMessage, response: ServerResponse, effect: Effect | undefined): void {
    const watch = openWatch({
      route,
      request,
      response,
      effect,
      storage: this.#registry.storage,
      watchList: this.#options.watchList ?? true,
      onClose: () => this.#watches.delete(watch),
    });
    this.requests.push({ ...route.info, status: 200 });
    this.#watches.add(watch);
    watch.begin();
  }

  /** Health, version and discovery: enough for kubectl and for probes. */
  #serveOther(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (['/healthz', '/livez', '/readyz'].includes(path)) return void response.writeHead(200).end('ok');
    if (path === '/version') return send(response, 200, { major: '1', minor: '36', gitVersion: 'v1.36.0-fake' });
    const kinds = this.#registry.kinds().filter(({ type }) => path === pathOfGroup(apiVersionOf(type)));
    if (kinds.length === 0)
      return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    const resources = kinds.map(({ type }) => ({
      name: type.plural,
      kind: type.kind,
      namespaced: type.namespaced,
      verbs: [],
    }));
    const [first] = kinds;
    send(response, 200, { kind: 'APIResourceList', groupVersion: first ? apiVersionOf(first.type) : '', resources });
  }
}

const pathOfGroup = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
