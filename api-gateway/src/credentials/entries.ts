import { type Credential, isUsableCredential, Labels, nameAsObject, userDigest } from '@osmo/crds';
import type { KubeClient } from '@osmo/kube';
import { Credentials } from '../kinds.ts';

/** Value of the owner's label of what everybody in the namespace may use. */
export const sharedOwner = 'shared';

const pageSize = 500;
/** More than anybody has: what is beyond isn't looked at. */
const mostPages = 20;

/**
 * The credentials that a user may use in a namespace: their own, then the shared ones, each by name. Read from the apiserver, so that
 * what was set just now is there.
 */
export async function usableCredentials(
  client: Pick<KubeClient, 'list'>,
  namespace: string,
  user: string,
  signal: AbortSignal,
): Promise<Credential[]> {
  const labelSelector = `${Labels.credentialOwner} in (${sharedOwner},${userDigest(user)})`;
  const found: Credential[] = [];
  let token: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    // Each page says where the next begins.
    // oxlint-disable-next-line no-await-in-loop
    const { items, metadata } = await client.list(Credentials, {
      namespace,
      labelSelector,
      limit: pageSize,
      signal,
      ...(token !== undefined && { continue: token }),
    });
    found.push(...items.filter((entry) => isUsableCredential(entry, user)));
    token = metadata.continue;
    if (token === undefined || token === '') break;
  }
  const rank = ({ spec }: Credential): string => `${spec.user === undefined ? 1 : 0} ${spec.name}`;
  return found.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** Whether two names are the same credential: they are told apart as objects are, without case. */
export const sameName = (a: string, b: string): boolean => nameAsObject(a) === nameAsObject(b);

/** One line of a list, in upstream's shape; it holds nothing secret. */
export function credentialView({ spec }: Credential): Record<string, unknown> {
  return {
    cred_name: spec.name,
    cred_type: spec.type.toUpperCase(),
    profile: spec.profile ?? null,
    shared: spec.user === undefined,
    keys: spec.type === 'Generic' ? spec.keys : [],
  };
}
