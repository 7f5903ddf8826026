import { Annotations, type User, userObjectName } from '@osmo/crds';
import { isNotFound, listAll } from '@osmo/kube';
import { storedTokens } from '../access-tokens/stored.ts';
import type { Dependencies } from '../dependencies.ts';
import { notFound, RequestError } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { AccessTokens, Users } from '../kinds.ts';
import { plainTime } from '../workflows/times.ts';
import { giveRole, takeAllRoles, takeRole, type UserRoles } from './bindings.ts';
import { createUser } from './logins.ts';
import { userNameOf } from './names.ts';
import type { RoleCatalog } from './role-catalog.ts';

import { roleOperations } from './role-operations.ts';

export interface UserDependencies extends Pick<Dependencies, 'caches' | 'access' | 'own' | 'as' | 'logger'> {
  catalog: RoleCatalog;
  roles: UserRoles;
}

const text = { type: 'string' } as const;
const time = { type: ['string', 'null'], description: 'UTC without a zone mark.' } as const;
const listOf = (items: object) => ({ type: 'array', items }) as const;
const object = (properties: Record<string, object>, required: readonly string[] = Object.keys(properties)) =>
  ({ type: 'object', properties, required }) as const;
const roleName = { type: 'string', minLength: 1, maxLength: 253 } as const;
const id = { type: 'string', minLength: 1, maxLength: 256 } as const;
const assignment = object({ role_name: text, assigned_by: text, assigned_at: time });
const entry = object({ id: text, created_at: time, created_by: text });
const whole = object({ ...entry.properties, roles: listOf(assignment) });
const mostRoles = 64;

/** Users as an administrator sees them, and the roles that they were given here. All changes are made in the caller's name. */
export function userOperations(dependencies: UserDependencies): Operation[] {
  const { caches, access, own, logger, catalog, roles } = dependencies;
  /** Who reads about somebody else needs the right to. */
  const mayRead = async (caller: Identity, user: string): Promise<void> => {
    if (user !== caller.user)
      await access.demand(caller, { verb: 'get', resource: 'users', name: userObjectName(user) });
  };
  const find = async (user: string): Promise<User> => {
    const name = userObjectName(user);
    const known =
      caches.users.get(undefined, name) ??
      (await own.get(Users, { name }).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      }));
    if (known?.spec.user === user) return known;
    throw notFound(
      `user ${JSON.stringify(user)}: there is no such user; "osmo user list" (GET /api/auth/user) lists those that there are`,
    );
  };
  const rolesOf = (user: User) => roles.of({ user: user.spec.user, groups: user.status?.groups ?? [] }, true);
  const read = async (user: User) => ({ ...userEntry(user), roles: await rolesOf(user) });
  const give = (caller: Identity, user: string, role: string): Promise<boolean> =>
    giveRole(dependencies.as(caller), catalog, { user, role, by: caller.user });
  return [
    operation({
      id: 'listUsers',
      action: 'user:Read',
      method: 'get',
      path: '/api/auth/user',
      tag: 'Users',
      summary: 'Lists users',
      parameters: {
        start_index: { type: 'integer', description: 'First to list, from 1.', minimum: 1 },
        count: { type: 'integer', description: 'Most to list; 100 when not given.', minimum: 1, maximum: 1000 },
        id_prefix: { type: 'text', description: 'Only whose id begins with this.', maxLength: 256 },
        roles: { type: 'texts', description: 'Only who was given one of these roles.', maxLength: 253 },
      },
      answer: {
        description: 'Users by id.',
        schema: object({
          total_results: { type: 'integer' },
          start_index: { type: 'integer' },
          items_per_page: { type: 'integer' },
          users: listOf(entry),
        }),
      },
      async handle({ caller, query }) {
        await access.demand(caller, { verb: 'list', resource: 'users' });
        const { start_index: first = 1, count = 100, id_prefix: prefix = '' } = query;
        const having = await Promise.all(query.roles.map((role) => roles.usersOf(role)));
        // As the apiserver has them now: who has just made one sees it.
        const { items } = await listAll(own, Users);
        const found = items
          .filter(({ spec }) => spec.user.startsWith(prefix))
          .filter(({ spec }) => having.length === 0 || having.some((users) => users.has(spec.user)))
          .toSorted((a, b) => (a.spec.user < b.spec.user ? -1 : 1));
        const users = found.slice(first - 1, first - 1 + count).map(userEntry);
        return {
          json: { total_results: found.length, start_index: first, items_per_page: users.length, users },
        };
      },
    }),
    operation({
      id: 'createUser',
      action: 'user:Update',
      method: 'post',
      path: '/api/auth/user',
      tag: 'Users',
      summary: 'Creates a user, as for a machine that has access tokens of its own',
      body: { schema: object({ id, roles: { ...listOf(roleName), maxItems: mostRoles } }, ['id']), required: true },
      answer: { description: 'The user.', schema: whole },
      async handle({ caller, body }) {
        const { id: given, roles: wanted = [] } = body as { id: string; roles?: string[] };
        const user = userNameOf('id', given);
        const created = await createUser(dependencies.as(caller), user, { [Annotations.createdBy]: caller.user });
        if (created === undefined) {
          throw new RequestError(
            409,
            'USER',
            `id: ${JSON.stringify(user)}: there is such a user; "osmo user update" gives roles`,
          );
        }
        logger.info('a user was created', { who: user, by: caller.user });
        for (const role of wanted) {
          // One after the other: the first that is refused is told of.
          // oxlint-disable-next-line no-await-in-loop
          await give(caller, user, role);
        }
        return { json: await read(created) };
      },
    }),
    operation({
      id: 'getUser',
      action: 'user:Read',
      method: 'get',
      path: '/api/auth/user/{user}',
      tag: 'Users',
      summary: 'Reads a user, with their roles',
      answer: { description: 'The user.', schema: whole },
      async handle({ caller, params }) {
        const user = userNameOf('user', params['user'] ?? '');
        await mayRead(caller, user);
        return { json: await read(await find(user)) };
      },
    }),
    operation({
      id: 'deleteUser',
      action: 'user:Update',
      method: 'delete',
      path: '/api/auth/user/{user}',
      tag: 'Users',
      summary: 'Deletes a user, with their access tokens and the roles that they were given here',
      answer: { description: 'Nothing.', schema: { type: 'null' } },
      async handle({ caller, params }) {
        const user = userNameOf('user', params['user'] ?? '');
        const { metadata } = await find(user).catch(async (error: unknown) => {
          // Who may not see them is not told whether they are there.
          await mayRead(caller, user);
          throw error;
        });
        const client = dependencies.as(caller);
        // Rights first: should it break off, the user is still there to be deleted once more.
        await access.demand(caller, { verb: 'delete', resource: 'users', name: metadata.name });
        await takeAllRoles(own, client, user);
        await client.delete(
          Users,
          { name: metadata.name },
          { ...(metadata.uid !== undefined && { uid: metadata.uid }) },
        );
        // The apiserver would delete them with their user, but not at once.
        const tokens = await storedTokens(own, user);
        await Promise.all(
          tokens.map((token) =>
            own.delete(AccessTokens, { name: token.metadata.name }).catch((error: unknown) => {
              if (!isNotFound(error)) throw error;
            }),
          ),
        );
        logger.info('a user was deleted', { who: user, by: caller.user, tokens: tokens.length });
        return { json: null };
      },
    }),
    operation({
      id: 'listUserRoles',
      action: 'user:Read',
      method: 'get',
      path: '/api/auth/user/{user}/roles',
      tag: 'Users',
      summary: 'Lists the roles of a user',
      answer: { description: 'Roles by name.', schema: object({ user_id: text, roles: listOf(assignment) }) },
      async handle({ caller, params }) {
        const user = userNameOf('user', params['user'] ?? '');
        await mayRead(caller, user);
        return { json: { user_id: user, roles: await rolesOf(await find(user)) } };
      },
    }),
    operation({
      id: 'giveUserRole',
      action: 'user:Update',
      method: 'post',
      path: '/api/auth/user/{user}/roles',
      tag: 'Users',
      summary: 'Gives a user a role: a ClusterRoleBinding, made in the caller’s name',
      body: { schema: object({ role_name: roleName }), required: true },
      answer: { description: 'Roles by name.', schema: object({ user_id: text, roles: listOf(assignment) }) },
      async handle({ caller, params, body }) {
        const user = userNameOf('user', params['user'] ?? '');
        await mayRead(caller, user);
        const known = await find(user);
        const { role_name: role } = body as { role_name: string };
        await give(caller, user, role);
        logger.info('a role was given', { who: user, role, by: caller.user });
        return { json: { user_id: user, roles: await rolesOf(known) } };
      },
    }),
    operation({
      id: 'takeUserRole',
      action: 'user:Update',
      method: 'delete',
      path: '/api/auth/user/{user}/roles/{role}',
      tag: 'Users',
      summary: 'Takes a role that a user was given here',
      answer: { description: 'Nothing.', schema: { type: 'null' } },
      async handle({ caller, params }) {
        const user = userNameOf('user', params['user'] ?? '');
        await mayRead(caller, user);
        const role = params['role'] ?? '';
        await takeRole(dependencies.as(caller), roles, { user, role });
        logger.info('a role was taken', { who: user, role, by: caller.user });
        return { json: null };
      },
    }),
    ...roleOperations(dependencies, { find, give }),
  ];
}

/** A user in upstream's shape. */
function userEntry({ metadata, spec }: User) {
  return {
    id: spec.user,
    created_at: plainTime(metadata.creationTimestamp),
    created_by: metadata.annotations?.[Annotations.createdBy] ?? '',
  };
}
