import type { AccessToken, User } from '@osmo/crds';
import type { Identity } from '../identity/identity.ts';

/** Why a token is not good. */
export interface NotGood {
  refusal: string;
}

/**
 * Who somebody with the token is: its user, in those of its groups that the user had at the last login. What the cluster
 * itself trusts is never among them. Times are compared to the second, as they are stored.
 */
export function actingAs(token: AccessToken, user: User | undefined, now: Date): Identity | NotGood {
  const { spec, metadata } = token;
  if (metadata.deletionTimestamp !== undefined) return { refusal: 'the access token was revoked' };
  if (!(Date.parse(spec.expirationTime) > now.getTime())) {
    return { refusal: `the access token ${spec.name} has ended; make a new one with "osmo token set"` };
  }
  // A name that begins so can not be stored; should one be there all the same, it is nobody's.
  if (user?.spec.user !== spec.user || spec.user.startsWith('system:')) {
    return { refusal: `the user of the access token ${spec.name} is gone` };
  }
  const had = new Set(user.status?.groups);
  const groups = spec.groups.filter((group) => had.has(group) && !group.startsWith('system:'));
  return {
    user: spec.user,
    groups: [...groups, 'system:authenticated'],
    method: 'access-token',
    accessToken: { name: spec.name, ...(spec.roles !== undefined && { roles: spec.roles }) },
  };
}
