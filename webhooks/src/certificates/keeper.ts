import { type Clock, type Informer, isConflict, isNotFound, type KubeClient, type Logger, Secret } from '@osmo/kube';
import type { WebhookConfiguration } from '../kinds.ts';
import type { WebhookMetrics } from '../metrics.ts';
import type { Generation, ReadGeneration } from './generation.ts';
import { planCertificates, trusts } from './plan.ts';
import type { CertificatePolicy } from './policy.ts';
import { secretData, storedGenerations } from './secret.ts';
import { bundlesOf, trustPatch } from './trust.ts';

export interface KeeperOptions {
  client: Pick<KubeClient, 'replace' | 'patch'>;
  /** Holds the Secret and nothing else. */
  secrets: Informer<Secret>;
  namespace: string;
  secret: string;
  /** Webhook configurations to keep trustful; none where somebody else does. */
  configurations: readonly Informer<WebhookConfiguration>[];
  /** Whether certificates are made here. */
  managed: boolean;
  names: readonly string[];
  policy: CertificatePolicy;
  issue: (names: readonly string[], policy: CertificatePolicy, now: Date) => Promise<Generation>;
  /** Takes a certificate into use. */
  serve: (generation: ReadGeneration) => void;
  clock: Clock;
  logger: Logger;
  metrics: WebhookMetrics;
}

const firstRetryMs = 500;
const lastRetryMs = 30_000;
/** What we wrote comes back as a change; this is for when it doesn't. */
const echoMs = 5_000;

/**
 * Keeps a certificate that is valid, served and trusted. Every replica does all of it: the Secret's version decides who of
 * several that renew at the same time has done so.
 */
export class CertificateKeeper {
  readonly #options: KeeperOptions;
  readonly #serving = Promise.withResolvers<void>();
  #served: ReadGeneration | undefined;
  #trusted = false;
  #problem = 'the Secret was not read yet';
  #changes = 0;
  #wake: () => void = () => undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    for (const informer of [options.secrets, ...options.configurations]) {
      informer.onChange(() => {
        this.#changes++;
        this.#wake();
      });
    }
  }

  /** Resolves when there is a certificate to serve with. */
  get serving(): Promise<void> {
    return this.#serving.promise;
  }

  /** Why no call of the apiserver can succeed; undefined: nothing of the certificates stands in the way. */
  problem(): string | undefined {
    if (this.#served === undefined) return this.#problem;
    if (this.#served.notAfter <= this.#options.clock.now()) return `the certificate has run out: ${this.#problem}`;
    return this.#trusted ? undefined : 'the webhook configurations do not trust the certificate yet';
  }

  async run(signal: AbortSignal): Promise<void> {
    const { secrets, configurations, logger, clock } = this.#options;
    await Promise.all([secrets, ...configurations].map(({ synced }) => synced));
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      const seen = this.#changes;
      let pauseMs: number;
      try {
        // One after the other: each step follows from what the former did.
        // oxlint-disable-next-line no-await-in-loop
        const wakeAt = await this.#step(signal);
        pauseMs = Math.max(0, wakeAt.getTime() - clock.now().getTime());
        retryMs = firstRetryMs;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn('certificates are not as they should be; trying again', { error, ms: retryMs });
        pauseMs = retryMs;
        retryMs = Math.min(retryMs * 2, lastRetryMs);
      }
      // oxlint-disable-next-line no-await-in-loop
      if (this.#changes === seen) await this.#pause(pauseMs, signal);
    }
  }

  /** One look and what follows from it; @returns when to look again. */
  async #step(signal: AbortSignal): Promise<Date> {
    const { secrets, namespace, secret: name, names, policy, managed, clock } = this.#options;
    const secret = secrets.get(namespace, name);
    if (secret === undefined) {
      this.#problem = `there is no Secret ${namespace}/${name}; the chart makes an empty one`;
      throw new Error(this.#problem);
    }
    const found = this.#configurations();
    const plan = planCertificates({
      stored: storedGenerations(secret),
      names,
      managed,
      bundles: found.flatMap(({ configuration }) => bundlesOf(configuration)),
      policy,
      now: clock.now(),
    });
    this.#problem = plan.problem ?? plan.issue ?? '';
    if (plan.serve !== undefined) this.#serve(plan.serve);
    if (plan.bundle !== undefined) await this.#trust(found, plan.bundle, signal);
    this.#judgeTrust();
    if (plan.issue === undefined) return plan.wakeAt;
    await this.#renew(secret, plan.issue, plan.keep, signal);
    return new Date(clock.now().getTime() + echoMs);
  }

  #configurations(): { informer: Informer<WebhookConfiguration>; configuration: WebhookConfiguration }[] {
    return this.#options.configurations.flatMap((informer) =>
      informer.list().map((configuration) => ({ informer, configuration })),
    );
  }

  #serve(generation: ReadGeneration): void {
    if (this.#served?.fingerprint === generation.fingerprint) return;
    const { serve, logger, metrics } = this.#options;
    serve(generation);
    this.#served = generation;
    metrics.serves(generation.notAfter);
    const { fingerprint, notAfter } = generation;
    logger.info('serving with a certificate', { fingerprint, notAfter });
    this.#serving.resolve();
  }

  /** Whether the apiserver can trust what is served. Once it could, a moment in which it can't is mended, not told. */
  #judgeTrust(): void {
    const served = this.#served;
    if (this.#trusted || served === undefined) return;
    const bundles = this.#configurations().flatMap(({ configuration }) => bundlesOf(configuration));
    this.#trusted = bundles.every((bundle) => trusts(bundle, served));
  }

  async #trust(
    found: readonly { informer: Informer<WebhookConfiguration>; configuration: WebhookConfiguration }[],
    bundle: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, logger } = this.#options;
    await Promise.all(
      found.map(async ({ informer, configuration }) => {
        const patch = trustPatch(configuration, bundle);
        if (patch === undefined) return;
        const { name } = configuration.metadata;
        try {
          await client.patch(informer.type, { name }, patch, { signal });
          logger.info('told the apiserver whom to trust', { kind: configuration.kind, name });
        } catch (error) {
          // Somebody else was faster: the change comes back, and is looked at again.
          if (!isConflict(error) && !isNotFound(error)) throw error;
        }
      }),
    );
  }

  async #renew(secret: Secret, why: string, keep: Generation | undefined, signal: AbortSignal): Promise<void> {
    const { client, issue, names, policy, clock, logger, metrics } = this.#options;
    const newest = await issue(names, policy, clock.now());
    const data = secretData({ newest, ...(keep && { previous: keep }) });
    try {
      await client.replace(Secret, { ...secret, data }, { signal });
      metrics.issued();
      logger.info('made a certificate', { why });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.setTimeout(ms, () => done());
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        this.#wake = () => undefined;
        resolve();
      };
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }
}
