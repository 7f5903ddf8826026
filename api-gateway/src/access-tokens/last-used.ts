import type { AccessToken } from '@osmo/crds';
import type { Clock, KubeClient, Logger } from '@osmo/kube';
import { AccessTokens } from '../kinds.ts';
import { ExpiringCache } from '../system/expiring-cache.ts';

/** How exact the time of the last use is: it is written so often at most, by each replica. */
const exactToMs = 3_600_000;
const rememberedTokens = 10_000;
/** Writes under way at once; what comes meanwhile is noted at its next use. */
const mostWrites = 4;

/** Notes when tokens are used. Nobody waits for it, and nothing fails with it. */
export class LastUsed {
  readonly #client: Pick<KubeClient, 'patch'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #noted: ExpiringCache<true>;
  #writes = 0;

  constructor(client: Pick<KubeClient, 'patch'>, clock: Clock, logger: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
    this.#noted = new ExpiringCache(clock, exactToMs, rememberedTokens);
  }

  /** The token was used now. */
  note({ metadata: { name, uid }, spec, status }: AccessToken): void {
    const now = this.#clock.now();
    const former = status?.lastUsedTime;
    if (former !== undefined && now.getTime() - Date.parse(former) < exactToMs) return;
    const key = uid ?? name;
    if (this.#noted.has(key) || this.#writes >= mostWrites) return;
    this.#noted.set(key, true);
    this.#writes++;
    const lastUsedTime = `${now.toISOString().slice(0, 19)}Z`;
    const patch = { kind: 'merge', body: { metadata: { uid }, status: { lastUsedTime } } } as const;
    this.#client
      .patch(AccessTokens, { name }, patch, { subresource: 'status' })
      .catch((error: unknown) => {
        this.#noted.delete(key);
        this.#logger.debug('the last use of an access token was not noted', {
          user: spec.user,
          token: spec.name,
          error,
        });
      })
      .finally(() => {
        this.#writes--;
      });
  }
}
