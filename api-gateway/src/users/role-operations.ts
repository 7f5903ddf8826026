import { Annotations, type User, type Workflow } from '@osmo/crds';
import { readableNamespaces } from '../access/namespaces.ts';
import { notFound } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { UserDependencies } from './operations.ts';

const text = { type: 'string' } as const;
const listOf = (items: object) => ({ type: 'array', items }) as const;
const object = (properties: Record<string, object>) =>
  ({ type: 'object', properties, required: Object.keys(properties) }) as const;
const id = { type: 'string', minLength: 1, maxLength: 256 } as const;

interface RoleGiving {
  /** @throws RequestError 404 */
  find: (user: string) => Promise<User>;
  /** @returns whether they didn't have it before */
  give: (caller: Identity, user: string, role: string) => Promise<boolean>;
}

/** Roles by who has them, and who has submitted work. */
export function roleOperations(
  { caches, access, catalog, roles }: UserDependencies,
  { find, give }: RoleGiving,
): Operation[] {
  const known = (role: string): string => {
    if (catalog.has(role)) return role;
    throw notFound(
      `role ${JSON.stringify(role.slice(0, 64))}: there is no such role; there are: ${catalog.names().join(', ') || 'none'}`,
    );
  };
  return [
    operation({
      id: 'listUsersOfRole',
      action: 'user:Read',
      method: 'get',
      path: '/api/auth/roles/{role}/users',
      tag: 'Users',
      summary: 'Lists who was given a role',
      answer: { description: 'Users by id.', schema: object({ role_name: text, users: listOf(text) }) },
      async handle({ caller, params }) {
        await access.demand(caller, { verb: 'list', resource: 'users' });
        const role = known(params['role'] ?? '');
        return { json: { role_name: role, users: [...(await roles.usersOf(role))].toSorted() } };
      },
    }),
    operation({
      id: 'giveRoleToUsers',
      action: 'user:Update',
      method: 'post',
      path: '/api/auth/roles/{role}/users',
      tag: 'Users',
      summary: 'Gives a role to several users',
      body: { schema: object({ user_ids: { ...listOf(id), maxItems: 256 } }), required: true },
      answer: {
        description: 'Whom it was given, who had it, and who could not be given it.',
        schema: object({ assigned: listOf(text), already_assigned: listOf(text), failed: listOf(text) }),
      },
      async handle({ caller, params, body }) {
        await access.demand(caller, { verb: 'list', resource: 'users' });
        const role = known(params['role'] ?? '');
        const { user_ids: ids } = body as { user_ids: string[] };
        const told = { assigned: [] as string[], already_assigned: [] as string[], failed: [] as string[] };
        for (const user of new Set(ids)) {
          try {
            // One after the other: they are few, and the apiserver is others' too.
            // oxlint-disable-next-line no-await-in-loop
            const { spec } = await find(user);
            // oxlint-disable-next-line no-await-in-loop
            const given = await give(caller, spec.user, role);
            (given ? told.assigned : told.already_assigned).push(user);
          } catch (error) {
            // Upstream tells who, not why; one without any right is told.
            if ((error as { status?: unknown }).status === 403) throw error;
            told.failed.push(user);
          }
        }
        return { json: told };
      },
    }),
    operation({
      id: 'listSubmitters',
      action: 'user:List',
      method: 'get',
      path: '/api/users',
      tag: 'Users',
      summary: 'Lists who has submitted workflows',
      answer: { description: 'Names, of workflows that the caller may list.', schema: { type: 'array', items: text } },
      async handle({ caller }) {
        const all = caches.workflows.list();
        const namespaceOf = ({ metadata }: Workflow): string => metadata.namespace ?? '';
        const readable = await readableNamespaces(access, caller, 'workflows', () => all.map(namespaceOf));
        const seen = readable === 'all' ? all : all.filter((workflow) => readable.has(namespaceOf(workflow)));
        const names = seen.map(({ metadata }) => metadata.annotations?.[Annotations.submittedBy] ?? '');
        return { json: [...new Set(names)].filter((name) => name !== '').toSorted() };
      },
    }),
  ];
}
