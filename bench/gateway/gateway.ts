import type { ClusterAccess, KubeClient } from '@osmo/kube';
import { Pool } from 'undici';
import { startControlPlane } from '../../hack/cluster/control-plane/start.ts';
import { freePorts } from '../../hack/cluster/system/free-port.ts';
import type { BenchContext } from '../bench.ts';
import { connect } from '../lab/apiserver.ts';
import { applyChart } from '../lab/chart.ts';
import { kubeconfigOf } from '../lab/identity.ts';
import { type Program, startProgram } from '../lab/program.ts';

/** An etcd and kube-apiserver with our definitions and rights, without any program of ours. */
export interface GatewayHub {
  url: string;
  ca: string;
  /** Private folder of this run. */
  directory: string;
  /** Of a member of system:masters. */
  kubeconfigPath: string;
  access: ClusterAccess;
  client: KubeClient;
}

/** The gateway as a process of its own. */
export interface RunningGateway {
  url: string;
  program: Program;
}

/** Starts etcd and kube-apiserver and puts the chart's objects there; ends with the bench. */
export async function startGatewayHub(context: BenchContext): Promise<GatewayHub> {
  const { say, cleanup, root } = context;
  say('starting etcd and kube-apiserver');
  const plane = await startControlPlane({ controllerManager: false, say });
  cleanup.defer(() => plane.stop());
  const { access, client } = await connect(plane.kubeconfigPath, context);
  await applyChart(client, root, say, { apiGateway: { dev: { enabled: true } } });
  const { url, ca, directory, kubeconfigPath } = plane;
  return { url, ca, directory, kubeconfigPath, access, client };
}

/**
 * Starts the gateway with the rights that it has in a real installation, in dev mode, so that a header names the caller. The
 * limits of requests are lifted: they would be what is measured. Ends with the bench.
 */
export async function startGateway(
  hub: Pick<GatewayHub, 'client' | 'url' | 'ca' | 'directory'>,
  { say, root, cleanup }: BenchContext,
): Promise<RunningGateway> {
  say('starting the gateway');
  const [port = 0] = await freePorts(1);
  const kubeconfig = await kubeconfigOf(hub.client, hub, 'osmo-api-gateway', hub.directory);
  const program = await startProgram(
    root,
    'api-gateway',
    [
      `--kubeconfig=${kubeconfig}`,
      '--host=127.0.0.1',
      `--port=${port}`,
      '--dev',
      '--requests-per-second=1000000',
      '--request-burst=1000000',
      '--drain-ms=0',
    ],
    hub.directory,
  );
  cleanup.defer(() => program.stop());
  return { url: `http://127.0.0.1:${port}`, program };
}

/** A user of the gateway who keeps connections open, as clients do. */
export interface GatewayUser {
  /** Sends a request and reads its answer. @throws Error with the answer of one that was refused */
  send(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown>;
}

/** @param user name that the gateway is told */
export function gatewayUser(
  { url }: RunningGateway,
  user: string,
  connections: number,
  { cleanup }: Pick<BenchContext, 'cleanup'>,
): GatewayUser {
  const pool = new Pool(url, { connections, pipelining: 1 });
  cleanup.defer(() => pool.close());
  return {
    async send(method, path, body) {
      const headers = { 'x-osmo-user': user, ...(body !== undefined && { 'content-type': 'application/json' }) };
      const payload = body === undefined ? null : JSON.stringify(body);
      const answer = await pool.request({ method, path, headers, body: payload });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 500)}`);
      return JSON.parse(text) as unknown;
    },
  };
}
