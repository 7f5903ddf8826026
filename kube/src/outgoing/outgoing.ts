import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { parseAddress } from './address.ts';
import { Destinations } from './destinations.ts';
import { OutgoingError, OutgoingReasons } from './errors.ts';
import { addressesFor, type Guard, type Resolve } from './guard.ts';
import { type OutgoingProxy, proxyChoice } from './proxy.ts';
import { send } from './send.ts';

export interface OutgoingOptions {
  /**
   * Destinations that may be called although they are not public, and over plain HTTP: networks, addresses, hosts and
   * `*.host`. Default: none. Everything else must be `https:` at public addresses.
   */
  allow?: readonly string[] | undefined;
  /** Default: none; see `proxyFromEnvironment`. The proxy itself is trusted, and finds the addresses itself. */
  proxy?: OutgoingProxy | undefined;
  /** Authorities to trust instead of the usual ones, PEM. */
  ca?: string | readonly string[] | undefined;
  /** For a whole call. Default 10 s. */
  timeoutMs?: number | undefined;
  /** Largest answer, bytes. Default 1 MiB. */
  maxResponseBytes?: number | undefined;
  /** Connections to one host at a time; other calls wait. Default 4. */
  maxConnections?: number | undefined;
  /** Default: the system's resolver. */
  resolve?: Resolve | undefined;
  clock?: Clock | undefined;
}

/** What `fetch` takes of the usual options; redirects are never followed. */
export interface OutgoingInit {
  method?: string | undefined;
  headers?: Headers | Record<string, string> | undefined;
  body?: string | Uint8Array | URLSearchParams | null | undefined;
  signal?: AbortSignal | null | undefined;
  /** Instead of the option's. */
  timeoutMs?: number | undefined;
  maxResponseBytes?: number | undefined;
}

/** Longest that a connection may take to be made. */
const connectTimeoutMs = 5_000;

/**
 * Calls to addresses that others have chosen: webhooks, registries, issuers. They can't be led to what only we can reach:
 * what a name stands for is looked up once, checked, and that address is connected to; no redirect is followed; time,
 * size and connections have bounds.
 */
export class Outgoing {
  readonly #guard: Guard;
  readonly #options: OutgoingOptions;
  readonly #through: (url: URL) => string | undefined;
  readonly #direct: Dispatcher;
  readonly #proxies = new Map<string, Dispatcher>();

  /** @throws DestinationError for an entry of `allow` that can't be read */
  constructor(options: OutgoingOptions = {}) {
    this.#options = options;
    this.#guard = {
      allowed: new Destinations(options.allow ?? []),
      resolve: options.resolve ?? ((host) => lookup(host, { all: true })),
    };
    this.#through = proxyChoice(options.proxy);
    this.#direct = new Agent({ ...this.#pool(), connect: guardedConnector(this.#guard, options.ca) });
  }

  /**
   * Like the global `fetch`, and can stand in for it (`customFetch` of jose and openid-client). The answer is whole when it is given, whatever
   * its status.
   *
   * @throws OutgoingError; the signal's reason when aborted
   */
  readonly fetch = async (input: string | URL, init: OutgoingInit = {}): Promise<Response> => {
    const url = this.#checked(input);
    const proxy = this.#through(url);
    if (proxy !== undefined) await this.#checkBehindProxy(url);
    const { timeoutMs = 10_000, maxResponseBytes = 1 << 20, clock = systemClock } = this.#options;
    return send(proxy === undefined ? this.#direct : this.#proxied(proxy), url, init, {
      timeoutMs: init.timeoutMs ?? timeoutMs,
      maxResponseBytes: init.maxResponseBytes ?? maxResponseBytes,
      clock,
    });
  };

  /**
   * Whether a URL could be called as it stands, without a look at the network: for whoever takes one in.
   *
   * @throws OutgoingError `Refused`
   */
  check(input: string | URL): URL {
    const url = this.#checked(input);
    if (url.protocol === 'http:' && !this.#guard.allowed.hasHost(url.hostname)) this.#refusePlain(url);
    return url;
  }

  /** Breaks every connection. */
  async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxies.values()].map((dispatcher) => dispatcher.destroy()));
    this.#proxies.clear();
  }

  #checked(input: string | URL): URL {
    const url = URL.canParse(String(input)) ? new URL(input) : undefined;
    if (url === undefined) throw new OutgoingError(OutgoingReasons.refused, 'the URL can not be read');
    if (url.protocol !== 'https:' && url.protocol !== 'http:') {
      throw new OutgoingError(OutgoingReasons.refused, `${url.protocol} is not called: the URL must begin with https:`);
    }
    if (url.username !== '' || url.password !== '') {
      throw new OutgoingError(OutgoingReasons.refused, `the URL of ${url.host} must not hold a user or a password`);
    }
    return url;
  }

  #refusePlain({ host }: URL): never {
    throw new OutgoingError(
      OutgoingReasons.refused,
      `${host} is not to be called over plain http: use https, or ask an administrator to add it to the destinations that may be called`,
    );
  }

  /** What goes through a proxy is resolved by the proxy. What stands for something private here is refused all the same. */
  async #checkBehindProxy(url: URL): Promise<void> {
    try {
      await addressesFor(url.hostname, url.protocol === 'https:', this.#guard);
    } catch (error) {
      const unknown = error instanceof OutgoingError && error.reason === OutgoingReasons.unresolved;
      if (!unknown) throw error;
      if (url.protocol === 'http:' && !this.#guard.allowed.hasHost(url.hostname)) this.#refusePlain(url);
    }
  }

  #proxied(uri: string): Dispatcher {
    let dispatcher = this.#proxies.get(uri);
    if (dispatcher === undefined) {
      dispatcher = new ProxyAgent({ ...this.#pool(), uri, requestTls: tlsOf(this.#options.ca) });
      this.#proxies.set(uri, dispatcher);
    }
    return dispatcher;
  }

  #pool(): { connections: number; pipelining: number; allowH2: false; keepAliveTimeout: number } {
    return {
      connections: this.#options.maxConnections ?? 4,
      pipelining: 1,
      allowH2: false,
      // Calls are rare, and a name may stand for another address by then.
      keepAliveTimeout: 4_000,
    };
  }
}

/** Connects to nothing but addresses that were checked. */
function guardedConnector(guard: Guard, ca: OutgoingOptions['ca']): buildConnector.connector {
  const connectorOf = (encrypted: boolean): buildConnector.connector =>
    buildConnector({ ...tlsOf(ca), timeout: connectTimeoutMs, lookup: guardedLookup(guard, encrypted) });
  const secure = connectorOf(true);
  const plain = connectorOf(false);
  return (options, connected) => {
    const encrypted = options.protocol === 'https:';
    const connect = encrypted ? secure : plain;
    if (parseAddress(options.hostname) === undefined) return connect(options, connected);
    // What is written as an address is connected to without a lookup.
    addressesFor(options.hostname, encrypted, guard).then(
      () => connect(options, connected),
      (error: Error) => connected(error, null),
    );
  };
}

function guardedLookup(guard: Guard, encrypted: boolean): LookupFunction {
  return (host, options, answer) => {
    addressesFor(host, encrypted, guard).then(
      (addresses) => {
        if (options.all === true) return answer(null, [...addresses]);
        const [first] = addresses;
        return answer(null, first?.address ?? '', first?.family ?? 0);
      },
      (error: NodeJS.ErrnoException) => answer(error, '', 0),
    );
  };
}

function tlsOf(ca: OutgoingOptions['ca']): { ca?: string | string[]; allowH2: false } {
  if (ca === undefined) return { allowH2: false };
  return { ca: typeof ca === 'string' ? ca : [...ca], allowH2: false };
}
