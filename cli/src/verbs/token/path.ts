import { segment } from '../../http/client.ts';
import type { OptionSpec } from '../../verb.ts';

/** Whose tokens: one's own unless a user is named, which takes the right to administer. */
export const userOption: OptionSpec = { flags: '-u, --user <name>', description: 'of this user; for administrators' };

/** Where the REST API has the tokens of a user, or one of them. */
export function tokenPath(user: string | undefined, name?: string): string {
  const tokens = user === undefined ? '/api/auth/access_token' : `/api/auth/user/${segment(user)}/access_token`;
  return name === undefined ? tokens : `${tokens}/${segment(name)}`;
}
