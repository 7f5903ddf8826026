import type { Informer } from '../cache/types.ts';
import { Secret } from '../client/kinds/core.ts';
import type { KubeClient } from '../client/types.ts';
import { isConflict } from '../client/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { Keeping } from '../runtime/keeping.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Generation, ReadGeneration } from './generation.ts';
import { planCertificates, trusts } from './plan.ts';
import type { CertificatePolicy } from './policy.ts';
import { secretData, storedGenerations } from './secret.ts';

/** Those who are to trust the certificate. */
export interface Trusting {
  /** Resolves when it is known what they trust. */
  readonly synced: Promise<unknown>;
  onChange(listener: () => void): void;
  /** PEM bundles: whom each of them trusts now; '' where nobody. */
  bundles(): readonly string[];
  /** Has all of them trust a bundle and nothing else. That somebody else was faster is no failure: the change comes back. */
  tell(bundle: string, signal: AbortSignal): Promise<void>;
}

/** What is counted of certificates. */
export interface CertificateMetrics {
  /** A certificate is being served. */
  serves(notAfter: Date): void;
  /** A certificate was made. */
  issued(): void;
}

export interface KeeperOptions {
  client: Pick<KubeClient, 'replace'>;
  /** Holds the Secret and nothing else. */
  secrets: Informer<Secret>;
  namespace: string;
  secret: string;
  /** Absent where somebody else tells them. */
  trusting?: Trusting | undefined;
  /** Whether certificates are made here. */
  managed: boolean;
  names: readonly string[];
  policy: CertificatePolicy;
  issue: (names: readonly string[], policy: CertificatePolicy, now: Date) => Promise<Generation>;
  /** Takes a certificate into use. */
  serve: (generation: ReadGeneration) => void;
  clock: Clock;
  logger: Logger;
  metrics: CertificateMetrics;
}

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
  readonly #keeping: Keeping;

  constructor(options: KeeperOptions) {
    this.#options = options;
    const { clock, logger, secrets, trusting } = options;
    const complaint = 'certificates are not as they should be; trying again';
    this.#keeping = new Keeping({ step: (signal) => this.#step(signal), complaint, clock, logger });
    const changed = (): void => this.#keeping.changed();
    secrets.onChange(changed);
    trusting?.onChange(changed);
  }

  /** Resolves when there is a certificate to serve with. */
  get serving(): Promise<void> {
    return this.#serving.promise;
  }

  /** Why nobody can connect; undefined: nothing of the certificates stands in the way. */
  problem(): string | undefined {
    if (this.#served === undefined) return this.#problem;
    if (this.#served.notAfter <= this.#options.clock.now()) return `the certificate has run out: ${this.#problem}`;
    return this.#trusted ? undefined : 'those who connect do not trust the certificate yet';
  }

  async run(signal: AbortSignal): Promise<void> {
    const { secrets, trusting } = this.#options;
    await Promise.all([secrets.synced, trusting?.synced]);
    await this.#keeping.run(signal);
  }

  /** One look and what follows from it; @returns when to look again. */
  async #step(signal: AbortSignal): Promise<Date> {
    const { secrets, namespace, secret: name, names, policy, managed, clock, trusting } = this.#options;
    const secret = secrets.get(namespace, name);
    if (secret === undefined) {
      this.#problem = `there is no Secret ${namespace}/${name}; the chart makes an empty one`;
      throw new Error(this.#problem);
    }
    const plan = planCertificates({
      stored: storedGenerations(secret),
      names,
      managed,
      bundles: trusting?.bundles() ?? [],
      policy,
      now: clock.now(),
    });
    this.#problem = plan.problem ?? plan.issue ?? '';
    if (plan.serve !== undefined) this.#serve(plan.serve);
    if (plan.bundle !== undefined) await trusting?.tell(plan.bundle, signal);
    this.#judgeTrust();
    if (plan.issue === undefined) return plan.wakeAt;
    await this.#renew(secret, plan.issue, plan.keep, signal);
    return new Date(clock.now().getTime() + echoMs);
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

  /** Whether what is served can be trusted. Once it could, a moment in which it can't is mended, not told. */
  #judgeTrust(): void {
    const served = this.#served;
    if (this.#trusted || served === undefined) return;
    const bundles = this.#options.trusting?.bundles() ?? [];
    this.#trusted = bundles.every((bundle) => trusts(bundle, served));
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
}
