import { Api, FieldManagers, type User, userObjectName, type UserStatus } from '@osmo/crds';
import { type Clock, type Informer, isAlreadyExists, type KubeClient, type Logger } from '@osmo/kube';
import { badRequest } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import { Users } from '../kinds.ts';
import { ExpiringCache } from '../system/expiring-cache.ts';
import { userNameOf } from './names.ts';

/** How exact the time of the last login is. */
const exactToMs = 3_600_000;
/** Groups that change are noted so often at most, for each person by each replica. */
const pauseMs = 10_000;
const rememberedUsers = 10_000;
/** Writes under way at once; what comes meanwhile is noted at its next request. */
const mostWrites = 8;
/** As the resource has them. */
const mostGroups = 256;
const longestGroup = 256;

/** Ways to sign in by which somebody else says which groups a person is in. */
const logins = new Set<Identity['method']>(['oidc', 'saml', 'session', 'proxy']);

export interface LoginsOptions {
  users: Informer<User>;
  client: Pick<KubeClient, 'get' | 'create' | 'patch'>;
  clock: Clock;
  logger: Logger;
}

/** Keeps a User for everybody who signs in, with the groups that the login brought: access tokens act with no others. */
export class Logins {
  readonly #options: LoginsOptions;
  readonly #noted: ExpiringCache<true>;
  #writes = 0;

  constructor(options: LoginsOptions) {
    this.#options = options;
    this.#noted = new ExpiringCache(options.clock, pauseMs, rememberedUsers);
  }

  /** Somebody has signed in. Nobody waits for it, and nothing fails with it. */
  note(identity: Identity): void {
    const { users, clock, logger } = this.#options;
    if (!logins.has(identity.method) || identity.user.startsWith('system:')) return;
    const known = users.get(undefined, userObjectName(identity.user));
    if (known !== undefined && isUpToDate(known.status, identity, clock.now())) return;
    if (this.#noted.has(identity.user) || this.#writes >= mostWrites) return;
    this.#noted.set(identity.user, true);
    this.#writes++;
    this.#write(identity, known)
      .catch((error: unknown) => {
        this.#noted.delete(identity.user);
        logger.warn('a login was not noted', { user: identity.user, error });
      })
      .finally(() => {
        this.#writes--;
      });
  }

  /**
   * The User of a caller, made or brought up to date when need be. Somebody with an access token keeps the groups of the
   * login before.
   *
   * @throws RequestError 400 for an identity of the cluster itself
   */
  async ensure(identity: Identity): Promise<User> {
    const { users, client, clock } = this.#options;
    const name = userObjectName(userNameOf('user', identity.user));
    const known = users.get(undefined, name);
    if (identity.method === 'access-token') return known ?? client.get(Users, { name });
    if (known !== undefined && isUpToDate(known.status, identity, clock.now())) return known;
    return this.#write(identity, known);
  }

  async #write(identity: Identity, known: User | undefined): Promise<User> {
    const { client, clock } = this.#options;
    const name = userObjectName(identity.user);
    if (known === undefined) await createUser(client, identity.user, {});
    const status = { ...loginOf(identity), lastLoginTime: plain(clock.now()) };
    const stored = await client.patch(
      Users,
      { name },
      { kind: 'merge', body: { status } },
      { subresource: 'status', fieldManager: FieldManagers.apiGateway },
    );
    // The name has the user's hash in it: only somebody who made the object by hand can have put another user there.
    if (stored.spec.user !== identity.user) {
      throw badRequest(`the User object ${name} is another user's; an administrator must delete it`);
    }
    return stored;
  }
}

/** Makes a User; one that is there already is left as it is. @returns undefined for that */
export async function createUser(
  client: Pick<KubeClient, 'create'>,
  user: string,
  annotations: Readonly<Record<string, string>>,
): Promise<User | undefined> {
  const metadata = { name: userObjectName(user), annotations: { ...annotations } };
  const object: User = { apiVersion: Api.apiVersion, kind: 'User', metadata, spec: { user } };
  try {
    return await client.create(Users, object, { fieldManager: FieldManagers.apiGateway, fieldValidation: 'Strict' });
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
}

/** Groups of a login as they are kept: sorted, and none of what the cluster itself gives. */
export function keptGroups(groups: readonly string[]): string[] {
  const own = groups.filter((group) => !group.startsWith('system:') && group !== '' && group.length <= longestGroup);
  return [...new Set(own)].toSorted().slice(0, mostGroups);
}

function loginOf({ groups, method, email }: Identity): Pick<UserStatus, 'groups' | 'method' | 'email'> {
  return { groups: keptGroups(groups), method, ...(email !== undefined && { email }) };
}

function isUpToDate(status: UserStatus | undefined, identity: Identity, now: Date): boolean {
  if (status?.lastLoginTime === undefined || status.groups === undefined) return false;
  const { groups = [], email } = loginOf(identity);
  const same = groups.length === status.groups.length && groups.every((group, at) => group === status.groups?.[at]);
  if (!same || (email !== undefined && email !== status.email)) return false;
  return now.getTime() - Date.parse(status.lastLoginTime) < exactToMs;
}

const plain = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
