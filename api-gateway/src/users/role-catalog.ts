import { Annotations } from '@osmo/crds';
import type { Informer } from '@osmo/kube';
import { type Action, actions, covers } from '../http/action.ts';
import { forbidden } from '../http/errors.ts';
import type { Operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { ClusterRole } from '../kinds.ts';

/** What everybody may who is signed in, whatever their token is limited to: upstream's role osmo-default. */
const everybodys: readonly string[] = ['system:*', 'auth:Login', 'auth:Refresh', 'auth:Can', 'profile:Read'];

/** The roles of the gateway: ClusterRoles that say which actions a token may take that is limited to them. */
export interface RoleCatalog {
  has(role: string): boolean;
  names(): string[];
  /**
   * Whether a caller's token may take the action of an operation; one without roles may take any. RBAC decides besides.
   *
   * @throws RequestError 403
   */
  demand(caller: Identity, operation: Pick<Operation, 'action'>): void;
}

export function roleCatalog(clusterRoles: Informer<ClusterRole>): RoleCatalog {
  const actionsOf = (role: string): readonly string[] => {
    const found = clusterRoles.get(undefined, role);
    return found === undefined ? [] : patternsOf(found);
  };
  return {
    has: (role) => clusterRoles.get(undefined, role) !== undefined,
    names: () =>
      clusterRoles
        .list()
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    demand({ accessToken }, { action }) {
      const roles = accessToken?.roles;
      if (roles === undefined) return;
      if (covers([...everybodys, ...roles.flatMap(actionsOf)], action)) return;
      const limit = roles.length === 0 ? 'no role' : `the roles ${roles.join(', ')}`;
      throw forbidden(
        `the access token ${accessToken?.name ?? ''} is limited to ${limit}, which do not include ${action}; use another token`,
      );
    },
  };
}

const words: ReadonlySet<string> = new Set<Action>(actions);
const kinds: ReadonlySet<string> = new Set(actions.map((action) => action.slice(0, action.indexOf(':'))));

/** Actions and patterns of them that a role says, without what is none: a typing error gives no right. */
export function patternsOf({ metadata }: ClusterRole): string[] {
  const text = metadata.annotations?.[Annotations.actions] ?? '';
  const isPattern = (word: string): boolean =>
    word === '*:*' || words.has(word) || (word.endsWith(':*') && kinds.has(word.slice(0, -2)));
  return text
    .split(/[\s,]+/)
    .filter(isPattern)
    .slice(0, 256);
}
