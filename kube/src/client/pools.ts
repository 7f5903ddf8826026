import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { ClusterAccess, Credentials } from './access.ts';

/** Connections to one apiserver under one TLS identity. */
export interface Connections {
  /** For requests that end: a bounded number of kept-alive connections. */
  requests: Dispatcher;
  /** For watches, logs and other bodies without end: they must not use up the connections of requests. */
  streams: Dispatcher;
}

/** Keeps connections for as long as the TLS identity is the same; a rotated certificate gets new ones. */
export class Pools {
  readonly #access: ClusterAccess;
  readonly #maxConnections: number;
  #credentials: Credentials | undefined;
  #identity = '';
  #connections: Connections | undefined;

  constructor(access: ClusterAccess, maxConnections: number) {
    this.#access = access;
    this.#maxConnections = maxConnections;
  }

  for(credentials: Credentials): Connections {
    if (this.#connections && credentials === this.#credentials) return this.#connections;
    this.#credentials = credentials;
    const identity = JSON.stringify(Object.entries(credentials.tls).map(([key, value]) => [key, String(value)]));
    if (this.#connections && identity === this.#identity) return this.#connections;
    // Graceful: what is under way on the old connections ends by itself.
    const old = this.#connections;
    if (old) void Promise.all([old.requests.close(), old.streams.close()]);
    this.#identity = identity;
    this.#connections = {
      requests: this.#open(credentials, this.#maxConnections),
      streams: this.#open(credentials, null),
    };
    return this.#connections;
  }

  /** Breaks every connection. */
  async destroy(): Promise<void> {
    const old = this.#connections;
    this.#connections = undefined;
    this.#credentials = undefined;
    if (old) await Promise.all([old.requests.destroy(), old.streams.destroy()]);
  }

  #open(credentials: Credentials, connections: number | null): Dispatcher {
    const options: Pool.Options = {
      connections,
      // One request a connection: with HTTP/2 a lost packet or a big list would hold up all others on it.
      pipelining: 1,
      allowH2: false,
      // The apiserver closes idle connections after 90 s; going first means never to write into a closing one.
      keepAliveTimeout: 55_000,
      keepAliveMaxTimeout: 55_000,
    };
    const connect = { ...credentials.tls, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 };
    const { server, proxyUrl } = this.#access;
    if (proxyUrl) return new ProxyAgent({ ...options, uri: proxyUrl, requestTls: connect });
    return new Pool(new URL(server).origin, { ...options, connect });
  }
}
