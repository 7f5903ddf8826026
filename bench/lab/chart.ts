import { join } from 'node:path';
import { CustomResourceDefinition, type KubeClient, type KubeObject, Namespace, resourceType } from '@osmo/kube';
import { obtainAll } from '../../hack/cluster/components/obtain.ts';
import { poll } from '../../hack/cluster/system/poll.ts';
import { objectsOf, type RenderedObject, renderChart } from '../../hack/install/rendered-chart.ts';

/** Namespace of the installation. */
export const systemNamespace = 'osmo-system';

const fieldManager = 'osmo-bench';

/**
 * Puts on the cluster what the chart would, but for the Deployments: definitions, rights, identities, priorities, the
 * default pool. So the programs run with the rights that they have in a real installation.
 *
 * @param values of the chart, beside its defaults
 */
export async function applyChart(
  client: KubeClient,
  root: string,
  say: (text: string) => void,
  values: object = {},
): Promise<void> {
  const { helm } = await obtainAll(['helm'], say);
  const rendered = renderChart({ helm: helm as string, chart: join(root, 'charts/osmo'), values });
  const objects = objectsOf(rendered).filter(({ kind }) => !left.has(kind));
  await apply(client, Namespace, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: systemNamespace },
  });
  const [first, rest] = [objects.filter(isDefinition), objects.filter((object) => !isDefinition(object))];
  for (const object of first) await apply(client, CustomResourceDefinition, object);
  for (const object of first) await established(client, object.metadata.name);
  const discovered = new Map<string, Resource[]>();
  for (const object of rest) {
    const { apiVersion } = object;
    if (!discovered.has(apiVersion)) discovered.set(apiVersion, await discover(client, apiVersion));
    await apply(client, typeOf(object, discovered.get(apiVersion) ?? []), object);
  }
}

/** Nothing here runs pods of ours, which is why webhooks would go unanswered, and there is no Prometheus operator. */
const left: ReadonlySet<string> = new Set([
  ...['Deployment', 'PodDisruptionBudget', 'NetworkPolicy', 'ServiceMonitor'],
  ...['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
]);

const isDefinition = ({ kind }: RenderedObject): boolean => kind === 'CustomResourceDefinition';

interface Resource {
  name: string;
  kind: string;
  namespaced: boolean;
}

async function discover(client: KubeClient, apiVersion: string): Promise<Resource[]> {
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const list = JSON.parse((await client.request('GET', path)).body.toString('utf8')) as { resources: Resource[] };
  // Subresources are listed as `pods/status`.
  return list.resources.filter(({ name }) => !name.includes('/'));
}

function typeOf({ apiVersion, kind }: RenderedObject, resources: readonly Resource[]): ReturnType<typeof resourceType> {
  const found = resources.find((resource) => resource.kind === kind);
  if (!found) throw new Error(`the cluster does not know ${kind} of ${apiVersion}`);
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  return resourceType({ group, version, kind, plural: found.name, namespaced: found.namespaced });
}

async function apply(client: KubeClient, type: ReturnType<typeof resourceType>, object: object): Promise<void> {
  const body = object as KubeObject;
  const { namespace, ...metadata } = body.metadata;
  const scope = type.namespaced ? { namespace: namespace ?? systemNamespace } : {};
  await client.apply(type, { ...body, metadata: { ...metadata, ...scope } }, { fieldManager, force: true });
}

/** A kind can be used a moment after its definition was accepted. */
async function established(client: KubeClient, name: string): Promise<void> {
  const probe = async (): Promise<true | undefined> => {
    const { status } = await client.get(CustomResourceDefinition, { name });
    return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') || undefined;
  };
  await poll(`definition ${name} established`, probe, { timeoutMs: 30_000 });
}
