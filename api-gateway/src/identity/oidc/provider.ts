import { type Clock, TokenBucket } from '@osmo/kube';
import type { Outgoing } from '@osmo/kube/outgoing';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { allowInsecureRequests, type AuthorizationServer, processDiscoveryResponse } from 'oauth4webapi';

/** How long metadata and keys are good before they are asked for again. */
const refreshMs = 5 * 60_000;
/** How often they are asked for, after failures and for keys that aren't known: in the long run, and at once. */
const asksPerSecond = 0.1;
const askBurst = 3;

/** Something of the identity provider's can't be had. The message names hosts, never what was sent. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
}

export interface ProviderOptions {
  url: string;
  discoveryURL?: string | undefined;
  allowHttp?: boolean | undefined;
  fetch: Outgoing['fetch'];
  clock: Clock;
}

/** Keys as they were at one moment. */
export interface ProviderKeys {
  /** Changes with the keys. */
  readonly version: number;
  readonly resolve: JWTVerifyGetKey;
}

interface Kept<T> {
  value: T | undefined;
  /** When it was had, ms. */
  had: number;
  readonly asks: TokenBucket;
  asking: Promise<void> | undefined;
  problem: string | undefined;
}

const nothing = <T>(clock: Clock): Kept<T> => ({
  value: undefined,
  had: Number.NEGATIVE_INFINITY,
  asks: new TokenBucket(clock, asksPerSecond, askBurst),
  asking: undefined,
  problem: undefined,
});

/**
 * An identity provider's metadata and keys. What was had once goes on being used while the provider can't be reached; it is asked again
 * when it is old, and for a key that isn't known, but in the long run not more often than every ten seconds.
 */
export class Provider {
  readonly url: string;
  readonly #options: ProviderOptions;
  readonly #metadata: Kept<AuthorizationServer>;
  readonly #keys: Kept<ProviderKeys>;
  #keyText = '';

  constructor(options: ProviderOptions) {
    this.url = options.url;
    this.#options = options;
    this.#metadata = nothing(options.clock);
    this.#keys = nothing(options.clock);
  }

  /** How it is called, for oauth4webapi. */
  get fetch(): Outgoing['fetch'] {
    return this.#options.fetch;
  }

  get allowHttp(): boolean {
    return this.#options.allowHttp === true;
  }

  /** @throws ProviderError when they were never had and can't be had now */
  async metadata(): Promise<AuthorizationServer> {
    return this.#get(this.#metadata, () => this.#discover());
  }

  /** The keys that are known; asks only when there are none, or, without waiting, when they are old. @throws ProviderError */
  async keys(): Promise<ProviderKeys> {
    return this.#get(this.#keys, () => this.#fetchKeys());
  }

  /** Whether these are the keys of now, without asking anybody: they are neither old nor replaced. */
  current(keys: ProviderKeys): boolean {
    const age = this.#options.clock.now().getTime() - this.#keys.had;
    return this.#keys.value === keys && age >= 0 && age < refreshMs;
  }

  /** Asks again, for a key that isn't known; undefined when it was asked a moment ago or there is nothing new. */
  async newerKeys(than: ProviderKeys): Promise<ProviderKeys | undefined> {
    await this.#refresh(this.#keys, () => this.#fetchKeys());
    const { value } = this.#keys;
    return value !== undefined && value.version !== than.version ? value : undefined;
  }

  async #get<T>(kept: Kept<T>, ask: () => Promise<T>): Promise<T> {
    const age = this.#options.clock.now().getTime() - kept.had;
    if (kept.value === undefined) await this.#refresh(kept, ask);
    // Nobody waits for what is only to be fresher.
    else if (age < 0 || age >= refreshMs) void this.#refresh(kept, ask);
    if (kept.value !== undefined) return kept.value;
    throw new ProviderError(
      `the identity provider ${this.url} can't be used: ${kept.problem ?? 'it was not asked yet'}`,
    );
  }

  /** One question at a time, and not too often. Never throws: the problem is kept. */
  async #refresh<T>(kept: Kept<T>, ask: () => Promise<T>): Promise<void> {
    if (kept.asking === undefined) {
      if (!kept.asks.take()) return;
      kept.asking = this.#ask(kept, ask);
    }
    await kept.asking;
  }

  async #ask<T>(kept: Kept<T>, ask: () => Promise<T>): Promise<void> {
    const { clock } = this.#options;
    try {
      kept.value = await ask();
      kept.had = clock.now().getTime();
      kept.problem = undefined;
    } catch (error) {
      kept.problem = (error as Error).message;
    } finally {
      kept.asking = undefined;
    }
  }

  async #discover(): Promise<AuthorizationServer> {
    const { url, discoveryURL, fetch } = this.#options;
    const at = discoveryURL ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(at, { headers: { accept: 'application/json' } });
    const metadata = await processDiscoveryResponse(new URL(url), response);
    // The library compares addresses; `iss` of tokens is compared by the letter.
    if (metadata.issuer !== url)
      throw new ProviderError(`its metadata name the issuer ${JSON.stringify(metadata.issuer)}`);
    return metadata;
  }

  async #fetchKeys(): Promise<ProviderKeys> {
    const { jwks_uri: at } = await this.metadata();
    if (at === undefined) throw new ProviderError('its metadata name no jwks_uri');
    if (!this.allowHttp && !at.startsWith('https:')) throw new ProviderError('its jwks_uri does not begin with https:');
    const response = await this.#options.fetch(at, { headers: { accept: 'application/json' } });
    if (response.status !== 200) throw new ProviderError(`its keys were answered with status ${response.status}`);
    const text = await response.text();
    const former = this.#keys.value;
    if (former !== undefined && text === this.#keyText) return former;
    const resolve = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
    this.#keyText = text;
    return { version: (former?.version ?? 0) + 1, resolve };
  }
}

/** Options of oauth4webapi's calls to a provider. */
export function callOptions(provider: Provider): {
  [allowInsecureRequests]: boolean;
} {
  return { [allowInsecureRequests]: provider.allowHttp };
}
