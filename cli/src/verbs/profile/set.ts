import { usageFailure } from '../../failure.ts';
import type { GatewayClient } from '../../http/client.ts';
import type { Session } from '../../session.ts';
import type { Verb } from '../../verb.ts';
import { bucketName } from '../dataset/dataset-name.ts';

export const set: Verb = {
  path: ['profile', 'set'],
  summary: 'Change your settings at the gateway',
  arguments: [
    { name: 'setting', description: '`pool`, `bucket` or `notifications`' },
    { name: 'value', description: 'name of the pool or bucket; `email` or `slack`' },
    { name: 'state', description: '`true` (when not given) or `false`, of notifications', optional: true },
  ],
  examples: [
    ['profile set pool lab', 'pool for submissions that name none'],
    ['profile set bucket robots', 'bucket of datasets whose names say none'],
    ['profile set notifications slack false', 'tell me no more'],
  ],
  async run(session, input) {
    const change = bodyOf(input.args);
    const client = await session.gateway();
    const body = await withNamespace(session, client, change);
    await client.json<unknown>({ method: 'POST', path: '/api/profile/settings', body });
    session.print('Profile Set');
  },
};

function bodyOf([setting, value = '', state]: readonly string[]): Change {
  if ((setting === 'pool' || setting === 'bucket') && state === undefined) return { [setting]: value };
  const isState = state === undefined || /^(true|false)$/i.test(state);
  if (setting === 'notifications' && (value === 'email' || value === 'slack') && isState)
    return { [`${value}_notification`]: state?.toLowerCase() !== 'false' };
  throw usageFailure("profile set: must be 'pool NAME', 'bucket NAME' or 'notifications email|slack [true|false]'");
}

type Change = Record<string, string | boolean>;

/** A bucket is one of the namespace of the context, as everywhere. */
async function withNamespace(session: Session, client: GatewayClient, change: Change): Promise<Change> {
  const { bucket } = change;
  if (typeof bucket !== 'string' || bucket === '') return change;
  return { bucket: await bucketName(session, client, bucket) };
}
