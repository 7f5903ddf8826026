import type { Clock, KubeClient, Logger } from '@osmo/kube';
import { type TokenFinder, tokenFinder } from '../access-tokens/find.ts';
import { LastUsed } from '../access-tokens/last-used.ts';
import type { Caches } from '../caches.ts';
import { type UserRoles, userRoles } from './bindings.ts';
import { Logins } from './logins.ts';
import { type RoleCatalog, roleCatalog } from './role-catalog.ts';

/** What is known about those who call: their tokens, roles and logins. */
export interface People {
  finder: TokenFinder;
  lastUsed: LastUsed;
  logins: Logins;
  catalog: RoleCatalog;
  roles: UserRoles;
}

/** All of it over the caches, and the gateway's own client for what no cache knows yet. */
export function peopleOf(
  { users, accessTokens, clusterRoles }: Pick<Caches, 'users' | 'accessTokens' | 'clusterRoles'>,
  { own: client, clock, logger }: { own: KubeClient; clock: Clock; logger: Logger },
): People {
  const catalog = roleCatalog(clusterRoles);
  return {
    finder: tokenFinder({ accessTokens, users, client, clock }),
    lastUsed: new LastUsed(client, clock, logger),
    logins: new Logins({ users, client, clock, logger }),
    catalog,
    roles: userRoles({ client, catalog, clock }),
  };
}
