import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { createClient } from '../client/client.ts';
import { CustomResourceDefinition } from '../client/kinds/cluster.ts';
import { Namespace, ServiceAccount } from '../client/kinds/core.ts';
import { loadAccess } from '../client/kubeconfig.ts';
import type { Applied, KubeClient } from '../client/types.ts';
import { systemClock } from '../runtime/clock.ts';
import { until } from './until.ts';

/** The kubeconfig of the cluster that the integration tier runs on, with every right. */
export function testKubeconfig(): string {
  const kubeconfig = process.env['OSMO_TEST_KUBECONFIG'];
  if (!kubeconfig) throw new Error('OSMO_TEST_KUBECONFIG is not set: run by the integration tier');
  return kubeconfig;
}

/** A client of the cluster that the integration tier runs on, or of the one that `kubeconfig` names. */
export async function connectToTestCluster(kubeconfig = testKubeconfig()): Promise<KubeClient> {
  const access = await loadAccess({ kubeconfig, clock: systemClock, env: {} });
  return createClient({ access, userAgent: 'osmo-test' });
}

/** Installs the definitions in the YAML files of a folder, as they are now, and waits until they are served. */
export async function installDefinitions(client: KubeClient, folder: URL): Promise<void> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const objects = await Promise.all(
    files.map(async (file) => parse(await readFile(new URL(file, folder), 'utf8')) as CustomResourceDefinition),
  );
  const definitions = objects.filter(({ kind }) => kind === CustomResourceDefinition.kind);
  await install(client, definitions);
}

/** Installs definitions, as they are now, and waits until they are served. */
async function install(client: KubeClient, definitions: readonly CustomResourceDefinition[]): Promise<void> {
  const options = { fieldManager: 'osmo-test', force: true };
  await Promise.all(
    definitions.map((definition) =>
      client.apply(CustomResourceDefinition, definition as Applied<CustomResourceDefinition>, options),
    ),
  );
  await until(
    () => Promise.all(definitions.map(({ metadata }) => client.get(CustomResourceDefinition, { name: metadata.name }))),
    (found) => found.every(isEstablished),
  );
  // A moment may pass between the condition and the first answer of another kind than 404.
  await until(
    () => Promise.all(definitions.map(({ spec }) => client.request('GET', pathOf(spec), { query: { limit: '1' } }))),
    () => true,
  );
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}

function pathOf({ group, names, versions }: CustomResourceDefinition['spec']): string {
  return `/apis/${group}/${versions.find(({ served }) => served)?.name}/${names.plural}`;
}

/** A namespace of its own, ready for pods. */
export async function newNamespace(client: KubeClient, prefix: string): Promise<string> {
  const { metadata } = await client.create(Namespace, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: '', generateName: `${prefix}-` },
  });
  await until(
    () => client.get(ServiceAccount, { namespace: metadata.name, name: 'default' }),
    () => true,
  );
  return metadata.name;
}
