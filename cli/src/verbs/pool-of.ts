import { usageFailure } from '../failure.ts';
import type { GatewayClient } from '../http/client.ts';
import type { Session } from '../session.ts';

/** The pool of a submission that names one, or else of the context, the user's profile, or the only one that there is. */
export async function poolOf(session: Session, client: GatewayClient, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const { context } = await session.current();
  if (context.pool !== undefined) return context.pool;
  const settings = await client.json<{ profile?: { pool?: string | null } }>({ path: '/api/profile/settings' });
  const chosen = settings.profile?.pool;
  if (typeof chosen === 'string' && chosen !== '') return chosen;
  const { node_sets: sets = [] } = await client.json<{ node_sets?: { pools?: { name: string }[] }[] }>({
    path: '/api/pool',
  });
  const names = [...new Set(sets.flatMap(({ pools = [] }) => pools.map(({ name }) => name)))];
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const there = names.length === 0 ? 'you see no pool' : `you see ${names.map((name) => `'${name}'`).join(', ')}`;
  throw usageFailure(`--pool: must be given: the profile has no default, and ${there}`);
}
