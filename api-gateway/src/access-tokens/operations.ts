import { type AccessToken, accessTokenObjectName, type User, userObjectName } from '@osmo/crds';
import { isNotFound } from '@osmo/kube';
import type { Dependencies } from '../dependencies.ts';
import { badRequest, notFound } from '../http/errors.ts';
import { type Call, type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { AccessTokens, Users } from '../kinds.ts';
import type { RoleAssignment, UserRoles } from '../users/bindings.ts';
import { keptGroups, type Logins } from '../users/logins.ts';
import { userNameOf } from '../users/names.ts';
import type { RoleCatalog } from '../users/role-catalog.ts';
import { plainTime } from '../workflows/times.ts';
import { endOf, makeToken, tokenNameOf } from './make.ts';
import { storedTokens } from './stored.ts';
import { newSecret } from './secret.ts';

/** Tokens of one user. */
const mostTokens = 200;

export interface TokenDependencies extends Pick<Dependencies, 'caches' | 'access' | 'own' | 'clock' | 'logger'> {
  logins: Pick<Logins, 'ensure'>;
  catalog: RoleCatalog;
  roles: UserRoles;
  /** Longest life of a token, days. */
  longestDays: number;
}

const text = { type: 'string' } as const;
const parameters = {
  expires_at: {
    type: 'text',
    description: 'Day (YYYY-MM-DD, UTC) from which it is not good any more; in 31 days when not given.',
  },
  description: { type: 'text', description: 'What it is for.', maxLength: 1024 },
  roles: {
    type: 'texts',
    description: 'Roles that it is limited to; whatever its user may do when not given.',
    maxLength: 253,
  },
} as const;
type Making = Call<typeof parameters>;

/** Making, listing and revoking access tokens: one's own, and those of others for who may manage them. */
export function accessTokenOperations(dependencies: TokenDependencies): Operation[] {
  const { caches, access, own, clock, logger, logins, catalog, roles, longestDays } = dependencies;
  const tokensOf = (user: string): Promise<AccessToken[]> => storedTokens(own, user);
  /** Whose tokens a request is about. @throws RequestError 403 unless the caller may */
  const subject = async ({ caller, params }: Pick<Call, 'caller' | 'params'>): Promise<string> => {
    const { user } = params;
    if (user === undefined) return caller.user;
    const name = userNameOf('user', user);
    await access.demand(caller, { verb: 'manage', resource: 'users', name });
    return name;
  };
  const ownerOf = async (user: string, caller: Identity): Promise<User> => {
    if (user === caller.user) return logins.ensure(caller);
    const name = userObjectName(user);
    const known =
      caches.users.get(undefined, name) ??
      (await own.get(Users, { name }).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      }));
    if (known?.spec.user === user) return known;
    throw notFound(`user ${JSON.stringify(user)}: there is no such user; "osmo user create" makes one`);
  };
  const limitedTo = async (
    wanted: readonly string[],
    owner: User,
    caller: Identity,
  ): Promise<readonly string[] | undefined> => {
    const limit = caller.accessToken?.roles;
    // Who is limited can make nothing wider.
    if (wanted.length === 0) return limit;
    const isOwn = owner.spec.user === caller.user;
    const groups = isOwn ? caller.groups : (owner.status?.groups ?? []);
    const had = new Set((await roles.of({ user: owner.spec.user, groups }, true)).map(({ role_name: name }) => name));
    for (const role of wanted) {
      const shown = `roles: ${JSON.stringify(role.slice(0, 64))}`;
      if (!catalog.has(role))
        throw badRequest(`${shown}: there is no such role; there are: ${catalog.names().join(', ') || 'none'}`);
      if (!had.has(role)) {
        throw badRequest(
          `${shown}: user ${owner.spec.user} does not have this role; theirs are: ${[...had].join(', ') || 'none'}`,
        );
      }
      if (limit !== undefined && !limit.includes(role)) {
        throw badRequest(`${shown}: the token of this request does not have it, so that it can not be given on`);
      }
    }
    return [...new Set(wanted)].toSorted();
  };
  const make = async (call: Making): Promise<string> => {
    const { caller, params, query } = call;
    const name = tokenNameOf(params['name'] ?? '');
    const user = userNameOf('user', await subject(call));
    await access.demand(caller, { verb: 'create', resource: 'accesstokens' });
    const expirationTime = endOf(query.expires_at, clock.now(), longestDays);
    const owner = await ownerOf(user, caller);
    const limit = await limitedTo(query.roles, owner, caller);
    if ((await tokensOf(user)).length >= mostTokens) {
      throw badRequest(
        `name: user ${user} has ${mostTokens} access tokens already, the most there can be; delete some`,
      );
    }
    const groups = keptGroups(user === caller.user ? caller.groups : (owner.status?.groups ?? []));
    const secret = newSecret();
    const { description } = query;
    await makeToken(own, secret, {
      owner,
      name,
      description,
      groups,
      roles: limit,
      expirationTime,
      createdBy: caller.user,
    });
    logger.info('an access token was made', { token: name, of: user, by: caller.user, until: expirationTime });
    return secret;
  };
  const find = async (user: string, given: string): Promise<AccessToken> => {
    const name = accessTokenObjectName(user, tokenNameOf(given));
    const found =
      caches.accessTokens.get(undefined, name) ??
      (await own.get(AccessTokens, { name }).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      }));
    if (found?.spec.user === user) return found;
    throw notFound(
      `user ${user} has no access token ${JSON.stringify(given)}; "osmo token list" shows which there are`,
    );
  };
  const revoke = async (call: Pick<Call, 'caller' | 'params'>): Promise<null> => {
    const user = await subject(call);
    const { metadata, spec } = await find(user, call.params['name'] ?? '');
    const { name, uid } = metadata;
    await own.delete(AccessTokens, { name }, { ...(uid !== undefined && { uid }) });
    logger.info('an access token was revoked', { token: spec.name, of: user, by: call.caller.user });
    return null;
  };
  const rolesOf = async (call: Pick<Call, 'caller' | 'params'>) => {
    const user = await subject(call);
    const { metadata, spec } = await find(user, call.params['name'] ?? '');
    const unlimited = async (): Promise<RoleAssignment[]> =>
      roles.of({ user, groups: user === call.caller.user ? call.caller.groups : spec.groups });
    const limited = (spec.roles ?? []).map((role) => ({
      role_name: role,
      assigned_by: spec.createdBy ?? user,
      assigned_at: plainTime(metadata.creationTimestamp),
    }));
    const given = spec.roles === undefined ? await unlimited() : limited;
    return { token_name: spec.name, user_name: user, roles: given };
  };
  const both = [
    { base: '/api/auth/access_token', whose: 'your own', suffix: '' },
    { base: '/api/auth/user/{user}/access_token', whose: 'another user’s', suffix: 'OfUser' },
  ] as const;
  return both.flatMap(({ base, whose, suffix }) => [
    operation({
      id: `createAccessToken${suffix}`,
      action: 'auth:Token',
      method: 'post',
      path: `${base}/{name}`,
      tag: 'Users',
      summary: `Makes an access token (${whose})`,
      parameters,
      answer: { description: 'The token, which is shown once.', schema: text },
      handle: async (call) => ({ json: await make(call) }),
    }),
    operation({
      id: `listAccessTokens${suffix}`,
      action: 'auth:Token',
      method: 'get',
      path: base,
      tag: 'Users',
      summary: `Lists access tokens (${whose}), without what is secret`,
      answer: { description: 'Tokens by name.', schema: { type: 'array', items: tokenSchema } },
      handle: async (call) => ({ json: (await tokensOf(await subject(call))).map(tokenEntry) }),
    }),
    operation({
      id: `deleteAccessToken${suffix}`,
      action: 'auth:Token',
      method: 'delete',
      path: `${base}/{name}`,
      tag: 'Users',
      summary: `Revokes an access token (${whose}), at once`,
      answer: { description: 'Nothing.', schema: { type: 'null' } },
      handle: async (call) => ({ json: await revoke(call) }),
    }),
    operation({
      id: `listAccessTokenRoles${suffix}`,
      action: 'auth:Token',
      method: 'get',
      path: `${base}/{name}/roles`,
      tag: 'Users',
      summary: `Lists the roles of an access token (${whose})`,
      answer: {
        description: 'Roles; those of the user when the token is not limited.',
        schema: { type: 'object', required: ['token_name', 'user_name', 'roles'] },
      },
      handle: async (call) => ({ json: await rolesOf(call) }),
    }),
  ]);
}

const time = { type: ['string', 'null'], description: 'UTC without a zone mark.' } as const;
const tokenSchema = {
  type: 'object',
  properties: {
    user_name: text,
    token_name: text,
    description: text,
    expires_at: time,
    created_at: time,
    last_seen_at: time,
    roles: { type: 'array', items: text, description: 'Empty: not limited.' },
  },
  required: ['user_name', 'token_name', 'description', 'expires_at', 'roles'],
} as const;

/** A token in upstream's shape. */
export function tokenEntry({ metadata, spec, status }: AccessToken) {
  return {
    user_name: spec.user,
    token_name: spec.name,
    description: spec.description ?? '',
    expires_at: plainTime(spec.expirationTime),
    created_at: plainTime(metadata.creationTimestamp),
    last_seen_at: plainTime(status?.lastUsedTime),
    roles: spec.roles ?? [],
  };
}
