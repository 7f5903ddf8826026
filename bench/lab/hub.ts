import { type KubeClient, Namespace } from '@osmo/kube';
import type { ControlPlane, ControlPlaneOptions, KwokOptions } from '../../hack/cluster/control-plane/options.ts';
import { startControlPlane } from '../../hack/cluster/control-plane/start.ts';
import { poll } from '../../hack/cluster/system/poll.ts';
import type { BenchContext } from '../bench.ts';
import { connect } from './apiserver.ts';
import { applyChart, systemNamespace } from './chart.ts';
import { kubeconfigOf } from './identity.ts';
import { Pools } from './kinds.ts';
import { type Program, startProgram } from './program.ts';

/** A control plane with simulated nodes on which our programs run workflows. */
export interface Hub {
  client: KubeClient;
  plane: ControlPlane;
  controllers: Program;
  backendOperator: Program;
}

const defaultPool = 'default';
const defaultBackend = 'default';

/**
 * Starts etcd, apiserver, controller-manager, scheduler and kwok, puts the chart's objects there and runs our programs
 * as processes beside it, with their default settings. All of it ends with the bench.
 */
export async function startHub(
  context: BenchContext,
  options: { kwok: KwokOptions } & Pick<ControlPlaneOptions, 'audit' | 'extraArgs'>,
): Promise<Hub> {
  const { say, cleanup, root } = context;
  say(`starting a control plane with ${options.kwok.nodes} simulated nodes`);
  const plane = await startControlPlane({ ...options, say });
  cleanup.defer(() => plane.stop());
  const { client } = await connect(plane.kubeconfigPath, context);
  await applyChart(client, root, say);
  say('starting controllers and backend-operator');
  const folder = plane.directory;
  const config = (account: string): Promise<string> => kubeconfigOf(client, plane, account, folder);
  const namespace = `--namespace=${systemNamespace}`;
  const controllers = await startProgram(
    root,
    'controllers',
    [namespace, `--kubeconfig=${await config('osmo-controllers')}`, '--leader-elect'],
    folder,
  );
  cleanup.defer(() => controllers.stop());
  const backendOperator = await startProgram(
    root,
    'backend-operator',
    [
      namespace,
      `--backend=${defaultBackend}`,
      `--kubeconfig=${await config('osmo-backend-operator')}`,
      `--hub-kubeconfig=${await config(`osmo-backend-${defaultBackend}-hub`)}`,
      '--leader-elect',
    ],
    folder,
  );
  cleanup.defer(() => backendOperator.stop());
  await poolReady(client, [controllers, backendOperator]);
  return { client, plane, controllers, backendOperator };
}

/** A new namespace in which pods can be made: its default service account is there. */
export async function newNamespace(client: KubeClient, name: string): Promise<string> {
  await client.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const path = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await poll(`service account of ${name}`, () => client.request('GET', path), { timeoutMs: 30_000 });
  return name;
}

async function poolReady(client: KubeClient, programs: readonly Program[]): Promise<void> {
  let seen = 'no status';
  const probe = async (): Promise<true | undefined> => {
    const { status } = await client.get(Pools, { name: defaultPool });
    const ready = status?.conditions.find(({ type }) => type === 'Ready');
    if (ready?.status === 'True') return true;
    seen = ready ? `${ready.reason}: ${ready.message}` : seen;
    throw new Error(seen);
  };
  const giveUp = (): void => programs.forEach((program) => program.check());
  await poll(`pool ${defaultPool} ready`, probe, { timeoutMs: 60_000, giveUp });
}
