import { usageFailure } from '../../failure.ts';
import type { Verb } from '../../verb.ts';

export const set: Verb = {
  path: ['profile', 'set'],
  summary: 'Change your settings at the gateway',
  arguments: [
    { name: 'setting', description: '`pool` or `notifications`' },
    { name: 'value', description: 'name of the pool; `email` or `slack`' },
    { name: 'state', description: '`true` (when not given) or `false`, of notifications', optional: true },
  ],
  examples: [
    ['profile set pool lab', 'pool for submissions that name none'],
    ['profile set notifications slack false', 'tell me no more'],
  ],
  async run(session, input) {
    const body = bodyOf(input.args);
    const client = await session.gateway();
    await client.json<unknown>({ method: 'POST', path: '/api/profile/settings', body });
    session.print('Profile Set');
  },
};

function bodyOf([setting, value = '', state]: readonly string[]): Record<string, string | boolean> {
  if (setting === 'pool' && state === undefined) return { pool: value };
  const isState = state === undefined || /^(true|false)$/i.test(state);
  if (setting === 'notifications' && (value === 'email' || value === 'slack') && isState)
    return { [`${value}_notification`]: state?.toLowerCase() !== 'false' };
  throw usageFailure("profile set: must be 'pool NAME' or 'notifications email|slack [true|false]'");
}
