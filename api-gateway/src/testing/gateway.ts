import {
  createImpersonator,
  type Impersonation,
  type KubeClient,
  loadAccess,
  runtimeMetrics,
  systemClock,
} from '@osmo/kube';
import { openStore } from '@osmo/storage';
import { RecipeReader } from '@osmo/workflow-spec';
import { type RecordingLogger, recordingLogger } from '@osmo/kube/testing';
import { type GatewayDependencies, runGateway } from '../gateway.ts';
import { parseOptions } from '../options.ts';

/** A gateway in this process, on a real apiserver. */
export interface TestGateway extends AsyncDisposable {
  url: string;
  logger: RecordingLogger;
  /** Sends a request; `as` names a dev user, `token` a bearer token. */
  send(path: string, init?: RequestInit & { as?: string; token?: string }): Promise<Response>;
}

/** Starts a gateway, in dev mode unless told otherwise, and waits until it answers. */
export async function startGateway(args: readonly string[] = [], { dev = true } = {}): Promise<TestGateway> {
  const kubeconfig = process.env['OSMO_TEST_KUBECONFIG'] ?? '';
  const access = await loadAccess({ kubeconfig, clock: systemClock, env: {} });
  const impersonator = createImpersonator({ access, userAgent: 'api-gateway-test' });
  const logger = recordingLogger();
  const stop = new AbortController();
  const listening = Promise.withResolvers<number>();
  const base = ['--port=0', '--host=127.0.0.1', '--health-port=0', '--metrics-port=0', '--drain-ms=0'];
  const recipes = new RecipeReader();
  const options = parseOptions([...base, ...(dev ? ['--dev', '--dev-group=gateway-test'] : []), ...args]);
  const store = options.storeUrl === undefined ? undefined : await openStore(options.storeUrl);
  const gateway: GatewayDependencies = {
    own: impersonator.own,
    recipes,
    as: (identity: Impersonation): KubeClient => impersonator.as(identity),
    clock: systemClock,
    logger,
    metrics: runtimeMetrics(undefined, { process: false }),
    identity: 'test',
    options,
    store,
    onListening: (port) => listening.resolve(port),
  };
  const ended = runGateway(gateway, stop.signal);
  const port = await Promise.race([listening.promise, ended.then(() => Promise.reject(new Error('it has ended')))]);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    logger,
    send(path, { as, token, headers, ...init } = {}) {
      const own = {
        ...(as !== undefined && { 'x-osmo-user': as }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      };
      return fetch(`${url}${path}`, {
        ...init,
        headers: { ...own, ...(headers as Record<string, string> | undefined) },
      });
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      await Promise.all([impersonator.own.close(), recipes.close(), store?.close()]);
    },
  };
}
