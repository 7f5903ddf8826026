import { type Clock, type Informer, isConflict, Keeping, type KubeClient, type Logger, Secret } from '@osmo/kube';
import type { KeySource } from './gateway-keys.ts';
import { type KeyGeneration, newGeneration, planKeys, readGenerations, writeGenerations } from './key-set.ts';

/** Key of the Secret's data. */
const dataKey = 'keys.json';
/** What we wrote comes back as a change; this is for when it doesn't. */
const echoMs = 5_000;
/** How often the Secret is read for a key that nobody knows: made-up ones must not keep the apiserver busy. */
const refreshMs = 1_000;

export interface KeyKeeperOptions {
  client: Pick<KubeClient, 'get' | 'replace'>;
  /** Holds the Secret and nothing else. */
  secrets: Informer<Secret>;
  namespace: string;
  /** Name of the Secret. */
  secret: string;
  clock: Clock;
  logger: Logger;
}

/**
 * Keeps the gateway's keys in a Secret. Every replica does all of it: of several that fill or renew it at once, the Secret's version
 * decides who has, and all take what is stored.
 */
export class KeyKeeper implements KeySource {
  readonly #options: KeyKeeperOptions;
  #generations: readonly KeyGeneration[] = [];
  #version: string | undefined;
  #problem: string | undefined = 'the Secret of the keys was not read yet';
  readonly #keeping: Keeping;
  #refreshing: Promise<void> | undefined;
  #refreshed = Number.NEGATIVE_INFINITY;

  constructor(options: KeyKeeperOptions) {
    this.#options = options;
    const { clock, logger, secrets } = options;
    const complaint = 'the keys are not as they should be; trying again';
    this.#keeping = new Keeping({ step: (signal) => this.#step(signal), complaint, clock, logger });
    secrets.onChange(() => {
      this.#take(this.#cached());
      this.#keeping.changed();
    });
  }

  current(): readonly KeyGeneration[] {
    return this.#generations;
  }

  /** Why nobody can sign in; undefined: there are keys. */
  problem(): string | undefined {
    return this.#generations.length > 0 ? undefined : this.#problem;
  }

  refresh(): Promise<void> {
    const { client, namespace, secret: name, clock } = this.#options;
    const now = clock.now().getTime();
    if (this.#refreshing !== undefined) return this.#refreshing;
    if (now >= this.#refreshed && now - this.#refreshed < refreshMs) return Promise.resolve();
    this.#refreshed = now;
    this.#refreshing = client
      .get(Secret, { namespace, name })
      .then((secret) => this.#take(secret))
      .catch(() => undefined)
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#options.secrets.synced;
    await this.#keeping.run(signal);
  }

  /** One look and what follows from it; @returns when to look again. */
  async #step(signal: AbortSignal): Promise<Date> {
    const { client, namespace, secret: name, clock, logger } = this.#options;
    const secret = this.#cached();
    if (secret === undefined) {
      this.#problem = `there is no Secret ${namespace}/${name}; the chart makes an empty one`;
      throw new Error(this.#problem);
    }
    this.#take(secret);
    const now = clock.now();
    const { keep, make, wakeAt } = planKeys(this.#stored(secret), now);
    if (!make) return wakeAt;
    const made = newGeneration(now);
    const data = { ...secret.data, [dataKey]: writeGenerations([made, ...keep]) };
    try {
      this.#take(await client.replace(Secret, { ...secret, data }, { signal }));
      logger.info('made keys', { id: made.id, kept: keep.length });
    } catch (error) {
      // Somebody else was faster: the change comes back, and is looked at again.
      if (!isConflict(error)) throw error;
    }
    return new Date(now.getTime() + echoMs);
  }

  #cached(): Secret | undefined {
    const { secrets, namespace, secret } = this.#options;
    return secrets.get(namespace, secret);
  }

  #stored(secret: Secret): KeyGeneration[] {
    return readGenerations(secret.data?.[dataKey]);
  }

  /** Takes what a Secret holds; one that was emptied takes nothing away until new keys are in it. */
  #take(secret: Secret | undefined): void {
    const { resourceVersion } = secret?.metadata ?? {};
    if (secret === undefined || (resourceVersion !== undefined && resourceVersion === this.#version)) return;
    this.#version = resourceVersion;
    const stored = this.#stored(secret);
    if (stored.length > 0) this.#generations = stored;
    else this.#problem = 'the Secret of the keys is still empty';
  }
}

/** Keys that live and end with this process: for a gateway alone, without a Secret. */
export function ephemeralKeys(clock: Clock): KeySource {
  const generations = [newGeneration(clock.now())];
  return { current: () => generations, refresh: async () => undefined };
}
