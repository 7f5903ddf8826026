import { readdir, readFile } from 'node:fs/promises';
import {
  type Applied,
  createClient,
  CustomResourceDefinition,
  type KubeClient,
  loadAccess,
  Namespace,
  systemClock,
} from '@osmo/kube';
import { parse } from 'yaml';
import { until } from './until.ts';

/** A client of the cluster that the integration tier runs on, with the product's kinds installed. */
export async function connect(): Promise<KubeClient> {
  const kubeconfig = process.env['OSMO_TEST_KUBECONFIG'];
  if (kubeconfig === undefined) throw new Error('OSMO_TEST_KUBECONFIG is not set: run by the integration tier');
  const access = await loadAccess({ kubeconfig, clock: systemClock, env: {} });
  const client = createClient({ access, userAgent: 'controllers-test' });
  await installKinds(client);
  return client;
}

async function installKinds(client: KubeClient): Promise<void> {
  const folder = new URL('../../../crds/yaml/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const objects = await Promise.all(
    files.map(async (file) => parse(await readFile(new URL(file, folder), 'utf8')) as CustomResourceDefinition),
  );
  const definitions = objects.filter(({ kind }) => kind === CustomResourceDefinition.kind);
  const options = { fieldManager: 'osmo-test', force: true };
  await Promise.all(
    definitions.map((definition) =>
      client.apply(CustomResourceDefinition, definition as Applied<CustomResourceDefinition>, options),
    ),
  );
  await until(
    () => Promise.all(definitions.map(({ metadata }) => client.get(CustomResourceDefinition, { name: metadata.name }))),
    (found) => found.every(isEstablished),
    30_000,
  );
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}

/** A namespace of its own. */
export async function newNamespace(client: KubeClient, prefix: string): Promise<string> {
  const { metadata } = await client.create(Namespace, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: '', generateName: `${prefix}-` },
  });
  return metadata.name;
}
