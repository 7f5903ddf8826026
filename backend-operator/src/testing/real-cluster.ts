import { type ContainerStatus, isNotFound, type KubeClient, Namespace, Node, Pod, type PodStatus } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, until } from '@osmo/kube/testing';

/** A client of the cluster that the integration tier runs on, with the product's kinds installed. */
export async function connect(): Promise<KubeClient> {
  const client = await connectToTestCluster();
  await installDefinitions(client, new URL('../../../crds/yaml/', import.meta.url));
  return client;
}

/** Removes a namespace with all that is in it, also pods that nobody takes the finalizer off any more. */
export async function removeNamespace(client: KubeClient, namespace: string): Promise<void> {
  const { items } = await client.list(Pod, { namespace });
  await Promise.all(
    items.map(async ({ metadata: { name } }) => {
      const ref = { namespace, name };
      await client.patch(Pod, ref, { kind: 'merge', body: { metadata: { finalizers: null } } }).catch(ignoreNotFound);
      await client.delete(Pod, ref, { gracePeriodSeconds: 0 }).catch(ignoreNotFound);
    }),
  );
  await client.delete(Namespace, { name: namespace });
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** Lets at most that much be in the namespace, e.g. `{ pods: '3' }`. */
export async function resourceQuota(
  client: KubeClient,
  namespace: string,
  hard: Record<string, string>,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/resourcequotas/limit`;
  const body = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'limit', namespace }, spec: { hard } };
  await client.request('PATCH', path, {
    body,
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: 'osmo-test', force: true },
  });
  // Admission refuses until the quota's usage has been counted.
  await until(
    async () =>
      JSON.parse((await client.request('GET', path)).body.toString()) as { status?: { hard?: Record<string, string> } },
    ({ status }) => Object.entries(hard).every(([name, amount]) => status?.hard?.[name] === amount),
  );
}

/** Writes what a scheduler and a kubelet would write, when the test says so. */
export class Kubelet {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly node: string;

  constructor(client: KubeClient, namespace: string, node: string) {
    this.#client = client;
    this.#namespace = namespace;
    this.node = node;
  }

  /** Makes the node, so that the garbage collector leaves its pods alone. */
  async join(
    allocatable: Record<string, string> = { cpu: '8', memory: '32Gi', 'ephemeral-storage': '100Gi' },
  ): Promise<void> {
    await this.#client.create(Node, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: this.node, labels: { 'kubernetes.io/hostname': this.node, accelerator: 'none' } },
    });
    const conditions = [
      { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now(), lastTransitionTime: now() },
    ];
    await this.#client.patch(
      Node,
      { name: this.node },
      { kind: 'merge', body: { status: { allocatable, capacity: allocatable, conditions } } },
      { subresource: 'status' },
    );
  }

  async leave(): Promise<void> {
    await this.#client.delete(Node, { name: this.node });
  }

  async bind(pod: Pod): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: pod.metadata.name },
      target: { apiVersion: 'v1', kind: 'Node', name: this.node },
    };
    await this.#client.request('POST', `/api/v1/namespaces/${this.#namespace}/pods/${pod.metadata.name}/binding`, {
      body,
    });
  }

  async run(pod: Pod): Promise<void> {
    await this.bind(pod);
    await this.report(pod, 'Running', { running: { startedAt: now() } });
  }

  async end(pod: Pod, exitCode: number): Promise<void> {
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const terminated = { exitCode, reason, startedAt: now(), finishedAt: now() };
    await this.report(pod, exitCode === 0 ? 'Succeeded' : 'Failed', { terminated });
  }

  async report(
    pod: Pod,
    phase: NonNullable<PodStatus['phase']>,
    state: NonNullable<ContainerStatus['state']>,
  ): Promise<void> {
    const container = pod.spec.containers[0];
    const running = state.running !== undefined;
    const status: PodStatus = {
      phase,
      startTime: now(),
      podIP: '10.244.0.9',
      containerStatuses: [
        {
          name: container?.name ?? '',
          image: container?.image ?? '',
          imageID: 'sha256:0',
          ready: running,
          started: running,
          restartCount: 0,
          state,
        },
      ],
    };
    await this.#client.patch(
      Pod,
      { namespace: this.#namespace, name: pod.metadata.name },
      { kind: 'merge', body: { status } },
      { subresource: 'status' },
    );
  }

  /** The last word about a pod that is being deleted: its containers are gone. */
  async remove(pod: Pod): Promise<void> {
    await this.#client.delete(Pod, { namespace: this.#namespace, name: pod.metadata.name }, { gracePeriodSeconds: 0 });
  }
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
