import { type KubeClient, type KubeObject, resourceType, type ResourceType } from '@osmo/kube';

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

/** All kinds that the apiserver can list, those that aggregated servers don't serve just now left out. */
export async function listableKinds(client: KubeClient): Promise<ResourceType[]> {
  const read = async <T>(path: string): Promise<T> =>
    JSON.parse((await client.request('GET', path)).body.toString()) as T;
  const { groups } = await read<{ groups: { name: string; preferredVersion: { version: string } }[] }>('/apis');
  const named = groups.map(({ name, preferredVersion: { version } }) => ({ group: name, version }));
  const lists = [{ group: '', version: 'v1' }, ...named].map(async ({ group, version }) => {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const { resources } = await read<ResourceList>(path);
    return resources
      .filter(({ name, verbs }) => !name.includes('/') && verbs.includes('list') && verbs.includes('watch'))
      .map(({ name, kind, namespaced }) =>
        resourceType<KubeObject>({ group, version, kind, plural: name, namespaced }),
      );
  });
  return (await Promise.all(lists)).flat();
}

/** A kind whose objects are meant to hold secrets. */
export const isSecret = ({ group, kind }: ResourceType): boolean => group === '' && kind === 'Secret';

/** Kinds whose objects come and go while tests run; the others are there at the end. */
export const isShortLived = (type: ResourceType): boolean =>
  type.group === 'osmo.dev' || (type.group === '' && ['Pod', 'Event', 'ConfigMap', 'Service'].includes(type.kind));
