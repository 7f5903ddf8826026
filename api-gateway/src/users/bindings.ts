import { Annotations, FieldManagers, Labels, userObjectName } from '@osmo/crds';
import { type Clock, isAlreadyExists, isNotFound, type KubeClient, listAll } from '@osmo/kube';
import { badRequest, notFound, RequestError } from '../http/errors.ts';
import type { Binding } from '../kinds.ts';
import { ClusterRoleBindings, RoleBindings } from '../kinds.ts';
import { ExpiringCache } from '../system/expiring-cache.ts';
import { plainTime } from '../workflows/times.ts';
import type { RoleCatalog } from './role-catalog.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
/** How long what was read holds where nobody asks for it fresh. */
const heldMs = 10_000;

/** A role of a user in upstream's shape. */
export interface RoleAssignment {
  role_name: string;
  assigned_by: string;
  assigned_at: string | null;
}

/** Somebody as bindings name them. */
export interface Somebody {
  user: string;
  groups: readonly string[];
}

/** Who has which of the gateway's roles: bindings of RBAC to ClusterRoles. */
export interface UserRoles {
  /** Roles of somebody, by name, in any namespace or all; as they were up to ten seconds ago unless `fresh`. */
  of(somebody: Somebody, fresh?: boolean): Promise<RoleAssignment[]>;
  /** Names of users who are bound to a role themselves. */
  usersOf(role: string): Promise<Set<string>>;
}

export interface UserRolesOptions {
  client: Pick<KubeClient, 'list'>;
  catalog: RoleCatalog;
  clock: Clock;
}

export function userRoles({ client, catalog, clock }: UserRolesOptions): UserRoles {
  const held = new ExpiringCache<Promise<Binding[]>>(clock, heldMs, 1);
  const read = async (): Promise<Binding[]> => {
    const all = await Promise.all([listAll(client, ClusterRoleBindings), listAll(client, RoleBindings)]);
    return all
      .flatMap(({ items }) => items)
      .filter(({ roleRef }) => roleRef.kind === 'ClusterRole' && catalog.has(roleRef.name));
  };
  const bindings = (fresh: boolean): Promise<Binding[]> => {
    if (fresh) held.delete('all');
    const reading = held.get('all', read);
    reading.catch(() => held.delete('all'));
    return reading;
  };
  return {
    async of({ user, groups }, fresh = false) {
      const mine = new Set(groups);
      const found = (await bindings(fresh)).filter(({ subjects = [] }) =>
        subjects.some(({ kind, name }) => (kind === 'User' && name === user) || (kind === 'Group' && mine.has(name))),
      );
      const byRole = new Map<string, Binding>();
      for (const binding of found.toSorted(byAge)) {
        if (!byRole.has(binding.roleRef.name)) byRole.set(binding.roleRef.name, binding);
      }
      return [...byRole.values()]
        .map(({ roleRef, metadata }) => ({
          role_name: roleRef.name,
          assigned_by: metadata.annotations?.[Annotations.createdBy] ?? metadata.name,
          assigned_at: plainTime(metadata.creationTimestamp),
        }))
        .toSorted((a, b) => (a.role_name < b.role_name ? -1 : 1));
    },
    async usersOf(role) {
      const found = (await bindings(true)).filter(({ roleRef }) => roleRef.name === role);
      const subjects = found.flatMap(({ subjects: each = [] }) => each);
      return new Set(subjects.flatMap(({ kind, name }) => (kind === 'User' ? [name] : [])));
    },
  };
}

const byAge = (a: Binding, b: Binding): number =>
  (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1;

/** Name of the ClusterRoleBinding that gives a user a role. */
const bindingName = (user: string, role: string): string => `osmo-user-role.${userObjectName(user)}.${role}`;

/**
 * Gives a user a role everywhere, in the name of whoever asks: the apiserver lets nobody give more than they have.
 *
 * @returns whether they didn't have it from here before
 * @throws RequestError 400 for a role that isn't one of the gateway's; KubeError as the apiserver refuses it
 */
export async function giveRole(
  client: Pick<KubeClient, 'create'>,
  catalog: RoleCatalog,
  { user, role, by }: { user: string; role: string; by: string },
): Promise<boolean> {
  if (!catalog.has(role)) {
    const known = catalog.names().join(', ') || 'none';
    throw badRequest(`role_name: ${JSON.stringify(role.slice(0, 64))}: there is no such role; there are: ${known}`);
  }
  const binding: Binding = {
    apiVersion: `${rbacGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: {
      name: bindingName(user, role),
      labels: { [Labels.userRole]: userObjectName(user) },
      annotations: { [Annotations.createdBy]: by },
    },
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: rbacGroup, kind: 'User', name: user }],
  };
  try {
    await client.create(ClusterRoleBindings, binding, { fieldManager: FieldManagers.apiGateway });
    return true;
  } catch (error) {
    if (isAlreadyExists(error)) return false;
    throw error;
  }
}

/**
 * Takes a role that was given here.
 *
 * @throws RequestError 404 when the user has it neither from here nor otherwise, 409 when only an administrator's binding gives it
 */
export async function takeRole(
  client: Pick<KubeClient, 'delete'>,
  roles: UserRoles,
  { user, role }: { user: string; role: string },
): Promise<void> {
  // What can be no name of an object is nobody's role.
  if (!/^[A-Za-z0-9:._-]{1,253}$/.test(role)) throw notHad(user, role);
  try {
    await client.delete(ClusterRoleBindings, { name: bindingName(user, role) });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const other = (await roles.of({ user, groups: [] }, true)).find(({ role_name: name }) => name === role);
    if (other === undefined) throw notHad(user, role);
    const message = `the role ${role} of user ${user} was not given here; an administrator must change the binding ${other.assigned_by}`;
    throw new RequestError(409, 'USER', message);
  }
}

const notHad = (user: string, role: string): RequestError =>
  notFound(`user ${user} does not have the role ${JSON.stringify(role.slice(0, 64))}`);

/** Takes everything from a user that was given here, in the name of whoever asks; `own` reads what there is. */
export async function takeAllRoles(
  own: Pick<KubeClient, 'list'>,
  client: Pick<KubeClient, 'delete'>,
  user: string,
): Promise<void> {
  const labelSelector = `${Labels.userRole}=${userObjectName(user)}`;
  const { items } = await listAll(own, ClusterRoleBindings, { labelSelector });
  for (const { metadata } of items) {
    // One after the other: they are few.
    // oxlint-disable-next-line no-await-in-loop
    await client.delete(ClusterRoleBindings, { name: metadata.name }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}
