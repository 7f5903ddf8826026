import { extname } from 'node:path';
import { type Clock, ConfigMap, type KubeClient, type Logger, type Manager, Secret } from '@osmo/kube';
import {
  CertificateKeeper,
  type CertificateMetrics,
  type CertificatePolicy,
  type Generation,
  issueInThread,
} from '@osmo/kube/certificates';
import { Gauge, type Registry } from 'prom-client';
import type { Certificates } from '../http/server.ts';
import { gatewayPolicy } from './policy.ts';
import { publishedAuthorities } from './published-authorities.ts';

/** How the gateway serves TLS itself. */
export interface TlsOptions {
  /** Secret with the certificate, `tls.crt` and `tls.key`. */
  readonly secret: string;
  /** ConfigMap that says whom to trust: certificates are made and renewed here. Absent: they are taken from the Secret as they come. */
  readonly authorities?: string;
  /** Hosts and addresses that certificates made here are for. */
  readonly names: readonly string[];
}

interface TlsDependencies {
  own: KubeClient;
  clock: Clock;
  logger: Logger;
  metrics: { registry: Registry };
  namespace: string;
  policy?: CertificatePolicy;
}

/** Certificates that are there before anything is served, and stay good. */
export interface ServingCertificates extends Certificates {
  /** Resolves when there is one. */
  readonly ready: Promise<void>;
}

// From the sources, or as it was bundled beside the main program.
const source = import.meta.url;
const issueProgram = new URL(extname(source) === '.ts' ? '../issue-worker.ts' : './issue-worker.js', source);

/** Keeps the certificates of the gateway while the manager runs; every replica does all of it. */
export function servingCertificates(
  { secret, authorities, names }: TlsOptions,
  { own, clock, logger, metrics, namespace, policy = gatewayPolicy }: TlsDependencies,
  manager: Manager,
): ServingCertificates {
  const [named, ca] = [secret, authorities].map((name) => ({ namespace, fieldSelector: `metadata.name=${name}` }));
  const managed = authorities !== undefined;
  let current: Generation | undefined;
  const users: ((generation: Generation) => void)[] = [];
  const keeper = new CertificateKeeper({
    client: own,
    secrets: manager.informer({ type: Secret, ...named }),
    namespace,
    secret,
    managed,
    trusting: managed ? publishedAuthorities(manager.informer({ type: ConfigMap, ...ca }), own, logger) : undefined,
    names,
    policy,
    issue: (asked, times, now) => issueInThread(issueProgram, { names: asked, policy: times, now }),
    serve(generation) {
      current = generation;
      for (const use of users) use(generation);
    },
    clock,
    logger,
    metrics: certificateMetrics(metrics.registry),
  });
  manager.addCheck('ready', 'certificate', () => keeper.problem());
  manager.addRunnable({ name: 'certificates', needsLeadership: false, run: (stop) => keeper.run(stop) });
  return {
    ready: keeper.serving,
    follow(use) {
      users.push(use);
      if (current !== undefined) use(current);
    },
  };
}

function certificateMetrics(registry: Registry): CertificateMetrics {
  const notAfter = new Gauge({
    registers: [registry],
    name: 'osmo_gateway_certificate_not_after_timestamp_seconds',
    help: 'When the certificate that is served runs out, in Unix time',
  });
  return { serves: (until) => notAfter.set(until.getTime() / 1000), issued: () => undefined };
}
