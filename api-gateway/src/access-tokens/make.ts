import { type AccessToken, accessTokenObjectName, Api, FieldManagers, Labels, type User } from '@osmo/crds';
import { isAlreadyExists, type KubeClient } from '@osmo/kube';
import { badRequest, RequestError } from '../http/errors.ts';
import { AccessTokens } from '../kinds.ts';
import { hashLabel, hashOf } from './secret.ts';

const dayMs = 86_400_000;
/** Life of a token when nothing is said, days; upstream's client says as much. */
const defaultDays = 31;
/** Upstream's grammar, and the resource's. */
const tokenName = /^[a-zA-Z]([a-zA-Z0-9_-]{0,62}[a-zA-Z0-9])?$/;

/** What a new token is to be. */
export interface NewToken {
  owner: User;
  name: string;
  description: string | undefined;
  groups: readonly string[];
  /** Absent: not limited. */
  roles: readonly string[] | undefined;
  expirationTime: string;
  createdBy: string;
}

/** @throws RequestError 400 for what is no name of a token */
export function tokenNameOf(name: string): string {
  if (tokenName.test(name)) return name;
  throw badRequest(
    `name: ${JSON.stringify(name.slice(0, 64))}: must be 1 to 64 letters, digits, '-' and '_', begin with a letter and end with a letter or digit`,
  );
}

/**
 * When a token ends: at the beginning of a day, UTC.
 *
 * @param day YYYY-MM-DD
 * @param longestDays how long tokens may live
 * @throws RequestError 400 for what is no day, in the past, or too far
 */
export function endOf(day: string | undefined, now: Date, longestDays: number): string {
  const given = day ?? new Date(now.getTime() + Math.min(defaultDays, longestDays) * dayMs).toISOString().slice(0, 10);
  const shown = JSON.stringify(given.slice(0, 32));
  const time = /^\d{4}-\d{2}-\d{2}$/.test(given) ? Date.parse(`${given}T00:00:00Z`) : Number.NaN;
  // A day that no month has is read as one of the next.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== given) {
    throw badRequest(`expires_at: ${shown}: must be a day as YYYY-MM-DD, UTC`);
  }
  if (time <= now.getTime()) throw badRequest(`expires_at: ${shown}: must be in the future`);
  const last = new Date(now.getTime() + longestDays * dayMs).toISOString().slice(0, 10);
  if (given > last)
    throw badRequest(`expires_at: ${shown}: must be ${last} at most; tokens live ${longestDays} days at most here`);
  return `${given}T00:00:00Z`;
}

/**
 * Stores a token, or rather its hash. In the gateway's own name: nobody else can say which groups a token holds.
 *
 * @throws RequestError 409 when the user has one of that name
 */
export async function makeToken(
  client: Pick<KubeClient, 'create'>,
  secret: string,
  { owner, name, description, groups, roles, expirationTime, createdBy }: NewToken,
): Promise<AccessToken> {
  const hash = hashOf(secret);
  const { name: ownerName, uid = '' } = owner.metadata;
  const { user } = owner.spec;
  const token: AccessToken = {
    apiVersion: Api.apiVersion,
    kind: 'AccessToken',
    metadata: {
      name: accessTokenObjectName(user, name),
      labels: { [Labels.tokenHash]: hashLabel(hash), [Labels.user]: ownerName },
      // It goes with its user, also when kubectl deletes them.
      ownerReferences: [{ apiVersion: Api.apiVersion, kind: 'User', name: ownerName, uid }],
    },
    spec: {
      user,
      name,
      hash,
      groups: [...groups],
      expirationTime,
      createdBy,
      ...(description !== undefined && { description }),
      ...(roles !== undefined && { roles: [...roles] }),
    },
  };
  try {
    return await client.create(AccessTokens, token, {
      fieldManager: FieldManagers.apiGateway,
      fieldValidation: 'Strict',
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const message = `name: ${JSON.stringify(name)}: user ${user} has an access token of this name; delete it first, or take another name`;
    throw new RequestError(409, 'USER', message);
  }
}
