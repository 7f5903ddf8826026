import { type AccessToken, Labels, userObjectName } from '@osmo/crds';
import { type KubeClient, listAll } from '@osmo/kube';
import { AccessTokens } from '../kinds.ts';

/** The tokens of a user by name, as the apiserver has them now: somebody who has just made one sees it. */
export async function storedTokens(client: Pick<KubeClient, 'list'>, user: string): Promise<AccessToken[]> {
  const labelSelector = `${Labels.user}=${userObjectName(user)}`;
  const { items } = await listAll(client, AccessTokens, { labelSelector });
  return items
    .filter(({ metadata, spec }) => spec.user === user && metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
}
