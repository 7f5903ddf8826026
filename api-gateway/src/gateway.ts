import { randomUUID } from 'node:crypto';
import {
  aborted,
  type Clock,
  type Impersonation,
  type KubeClient,
  type Logger,
  Manager,
  type RuntimeMetrics,
  Secret,
} from '@osmo/kube';
import { Outgoing, proxyFromEnvironment } from '@osmo/kube/outgoing';
import { FieldManagers } from '@osmo/crds';
import type { ObjectStore } from '@osmo/storage';
import { accessReviews } from './access/access.ts';
import { auditedClient } from './audit/audited-client.ts';
import { impersonationOf } from './audit/extras.ts';
import { newCaches } from './caches.ts';
import type { Dependencies } from './dependencies.ts';
import { configuredElsewhere } from './config/settings-operations.ts';
import { createApp } from './http/app.ts';
import { httpMetrics } from './http/metrics.ts';
import { rateLimit } from './http/rate-limit.ts';
import { serveUntil } from './http/server.ts';
import { accessTokens } from './identity/access-token.ts';
import { openAuthentication } from './identity/authentication.ts';
import { authenticator } from './identity/authenticator.ts';
import { devMode } from './identity/dev.ts';
import { gatewayKeys, type KeySource } from './identity/keys/gateway-keys.ts';
import { ephemeralKeys, KeyKeeper } from './identity/keys/key-keeper.ts';
import { providerLogins } from './identity/provider-logins.ts';
import { proxyNetworks, trustedProxies } from './identity/proxy.ts';
import { sessionLedger } from './identity/session/open-ledger.ts';
import { tokenReview } from './identity/token-review.ts';
import { operationsOf } from './operations.ts';
import type { Options } from './options.ts';
import type { Recipes } from './submit/operations.ts';
import { notOffered } from './system/not-offered.ts';
import { clientVersionHeader, versionNotice } from './system/client-versions.ts';
import { servingCertificates, type ServingCertificates } from './tls/serve-tls.ts';
import { peopleOf } from './users/people.ts';

export interface GatewayDependencies {
  /** The hub, as the gateway itself. */
  own: KubeClient;
  /** The hub, in the name of somebody else. */
  as(identity: Impersonation): KubeClient;
  /** Where logs and records of workflows are; undefined: nowhere but in the cluster. */
  store?: ObjectStore | undefined;
  /** Reads recipes. */
  recipes: Recipes;
  clock: Clock;
  logger: Logger;
  metrics: RuntimeMetrics;
  /** Name of this replica. */
  identity: string;
  options: Omit<Options, 'kubeconfig' | 'logLevel' | 'storeUrl'>;
  /** Called with the port of the API once it listens. */
  onListening?: (port: number) => void;
}

/**
 * Runs the gateway until the signal aborts, then drains. It holds no state but caches: any replica answers any request.
 * Requests are taken once the caches are filled.
 *
 * @throws whatever makes a part fail
 */
export async function runGateway(gateway: GatewayDependencies, signal: AbortSignal): Promise<void> {
  const { own, clock, logger, options } = gateway;
  const manager = managerOf(gateway);
  const caches = newCaches(manager);
  const closing = new AbortController();
  const people = peopleOf(caches, { own, clock, logger });
  const keys = gatewayKeys(keySource(gateway, manager), clock);
  const outgoing = new Outgoing({ allow: options.outgoingAllow, proxy: proxyFromEnvironment(process.env), clock });
  const certificates = certificatesOf(gateway, manager);
  const dependencies: Dependencies = {
    caches,
    outgoing,
    credentialSwitches: options.credentialSwitches,
    access: accessReviews(own, clock),
    own,
    store: gateway.store,
    as: (caller) => auditedClient(gateway.as(impersonationOf(caller)), caller, { logger, events: manager.recorder() }),
    clock,
    logger,
    defaultNamespace: options.defaultNamespace,
    publicUrl: options.publicUrl,
    overTls: certificates !== undefined,
    keys,
    people,
  };
  const { publicUrl, authConfig: file, outgoingAllow: allow } = options;
  const authentication = await openAuthentication({ file, publicUrl, allow, env: process.env, clock, logger });
  const { ledger, synced } = sessionLedger({ own, clock, logger, options }, manager);
  const logins = providerLogins({ authentication, keys, clock, logger, publicUrl, dev: options.dev, ledger });
  const { proxies } = authentication;
  const isProxy = proxyNetworks(proxies?.networks ?? []);
  const basePath = options.publicUrl === undefined ? '' : new URL(options.publicUrl).pathname.replace(/\/+$/, '');
  const app = createApp({
    operations: [
      ...operationsOf({
        ...dependencies,
        newId: randomUUID,
        recipes: gateway.recipes,
        settings: options,
        logins: logins.operations,
      }),
      ...notOffered(),
      ...configuredElsewhere(),
    ],
    identify: authenticator(
      [
        ...(proxies === undefined ? [] : [trustedProxies(isProxy, proxies)]),
        accessTokens({ ...people, keys, clock }),
        logins.tokens,
        tokenReview(own, clock),
        logins.sessions,
        ...(options.dev ? [devMode(options.devGroups)] : []),
      ],
      (identity) => people.logins.note(identity),
    ),
    trustedProxy: isProxy,
    permit: (caller, operation) => people.catalog.demand(caller, operation),
    rateLimit: rateLimit(clock, options.requestsPerSecond, options.requestBurst),
    maxBodyBytes: options.maxBodyBytes,
    logger,
    metrics: httpMetrics(gateway.metrics.registry),
    clock,
    closing: closing.signal,
    notice: (headers) => versionNotice(headers[clientVersionHeader], options.clients),
    ...(basePath !== '' && { basePath }),
    publicUrl: options.publicUrl,
    ...(certificates !== undefined && { overTls: true }),
  });
  if (options.dev) logger.warn('dev mode: callers on the loopback interface are believed to be who they say');
  manager.addCheck('ready', 'serving', () => (signal.aborted ? 'stopping' : undefined));
  manager.addRunnable({
    name: 'api',
    needsLeadership: false,
    async run(stop) {
      await Promise.all([synced, ...Object.values(caches).map((cache: { synced: Promise<void> }) => cache.synced)]);
      const { host, port, drainMs } = options;
      await Promise.race([certificates?.ready, aborted(stop)]);
      if (stop.aborted) return;
      const { onListening } = gateway;
      const server = { host, port, drainMs, clock, logger, certificates, ...(onListening && { onListening }) };
      await serveUntil(app, server, stop, () => closing.abort(new Error('the gateway is stopping')));
    },
  });
  try {
    await manager.start(signal);
  } finally {
    await Promise.all([outgoing.close(), authentication.close()]);
  }
}

/** What TLS is served with; undefined: it isn't here. */
function certificatesOf(gateway: GatewayDependencies, manager: Manager): ServingCertificates | undefined {
  const { tls, namespace } = gateway.options;
  if (tls === undefined || namespace === undefined) return undefined;
  return servingCertificates(tls, { ...gateway, namespace }, manager);
}

/** Where the gateway's keys are: in the Secret that it was given, else in this process. */
function keySource({ own, clock, logger, options }: GatewayDependencies, manager: Manager): KeySource {
  const { namespace, keysSecret: secret } = options;
  if (secret === undefined || namespace === undefined) return ephemeralKeys(clock);
  const secrets = manager.informer({ type: Secret, namespace, fieldSelector: `metadata.name=${secret}` });
  const keeper = new KeyKeeper({ client: own, secrets, namespace, secret, clock, logger });
  manager.addCheck('ready', 'keys', () => keeper.problem());
  manager.addRunnable({ name: 'keys', needsLeadership: false, run: (stop) => keeper.run(stop) });
  return keeper;
}

function managerOf({ own, clock, logger, metrics, identity, options }: GatewayDependencies): Manager {
  const { healthPort, metricsPort, drainMs } = options;
  return new Manager({
    clusters: { default: own },
    fieldManager: FieldManagers.apiGateway,
    reporter: { controller: 'osmo.dev/api-gateway', instance: identity },
    clock,
    logger,
    metrics,
    gracefulStopMs: drainMs + 15_000,
    ...(healthPort !== 0 && { health: { port: healthPort } }),
    ...(metricsPort !== 0 && { metricsEndpoint: { port: metricsPort } }),
  });
}
