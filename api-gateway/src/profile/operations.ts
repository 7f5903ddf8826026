import { FieldManagers, Names, type UserSpec } from '@osmo/crds';
import { Indexes } from '../caches.ts';
import { findBucket } from '../datasets/find.ts';
import type { BucketRef } from '../datasets/names.ts';
import type { Dependencies } from '../dependencies.ts';
import { badRequest } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { Users } from '../kinds.ts';
import type { UserRoles } from '../users/bindings.ts';
import type { Logins } from '../users/logins.ts';
import { idOf } from '../workflows/ids.ts';
import { plainTime } from '../workflows/times.ts';
import { settingsOf } from './own-bucket.ts';
import { usablePools } from './usable-pools.ts';

export interface ProfileDependencies extends Pick<Dependencies, 'caches' | 'access' | 'as' | 'defaultNamespace'> {
  roles: UserRoles;
  logins: Pick<Logins, 'ensure'>;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const nullable = { type: ['string', 'null'] } as const;
const answerSchema = {
  type: 'object',
  properties: {
    profile: {
      type: 'object',
      properties: {
        username: text,
        email_notification: flag,
        slack_notification: flag,
        pool: nullable,
        bucket: nullable,
      },
      required: ['username', 'email_notification', 'slack_notification', 'pool', 'bucket'],
    },
    roles: { type: 'array', items: text },
    pools: { type: 'array', items: text },
    token: {
      type: ['object', 'null'],
      properties: { name: text, expires_at: nullable },
      required: ['name', 'expires_at'],
    },
  },
  required: ['profile', 'roles', 'pools'],
};

interface ProfileChange {
  pool?: string | null;
  bucket?: string | null;
  email_notification?: boolean;
  slack_notification?: boolean;
}

/** Who is calling: their settings, roles and pools. */
export function profileOperations(dependencies: ProfileDependencies): Operation[] {
  const { caches, access, as, defaultNamespace, roles, logins } = dependencies;
  const pools = (caller: Identity) => usablePools(caches.pools, access, caller);
  const tokenOf = ({ user, accessToken }: Identity) => {
    if (accessToken === undefined) return null;
    const { name } = accessToken;
    const stored = caches.accessTokens.byIndex(Indexes.user, user).find(({ spec }) => spec.name === name);
    return stored === undefined ? null : { name, expires_at: plainTime(stored.spec.expirationTime) };
  };
  const answer = async (caller: Identity, spec: Partial<UserSpec> | undefined) => {
    const [usable, had] = await Promise.all([pools(caller), roles.of(caller)]);
    const names = had.map(({ role_name: name }) => name);
    const limit = caller.accessToken?.roles;
    return {
      profile: {
        username: caller.user,
        email_notification: spec?.notifications?.email ?? false,
        slack_notification: spec?.notifications?.slack ?? false,
        // What a Workflow that names none gets, as with kubectl.
        pool: spec?.pool ?? (usable.includes(Names.defaultPool) ? Names.defaultPool : null),
        bucket: bucketId(spec?.bucket, defaultNamespace),
      },
      roles: limit === undefined ? names : names.filter((name) => limit.includes(name)),
      pools: usable,
      token: tokenOf(caller),
    };
  };
  return [
    operation({
      id: 'getProfile',
      action: 'profile:Read',
      method: 'get',
      path: '/api/profile/settings',
      tag: 'Users',
      summary: 'Says who is calling: their settings, roles, and the pools that they may use',
      answer: { description: 'The caller.', schema: answerSchema },
      handle: async ({ caller }) => ({ json: await answer(caller, settingsOf(caches, caller)) }),
    }),
    operation({
      id: 'setProfile',
      action: 'profile:Update',
      method: 'post',
      path: '/api/profile/settings',
      tag: 'Users',
      summary: 'Changes one’s settings: the default pool and bucket, and which notifications to get',
      body: {
        schema: {
          type: 'object',
          properties: {
            pool: { type: ['string', 'null'], maxLength: 63, description: 'Default pool; null or empty for none.' },
            bucket: {
              type: ['string', 'null'],
              maxLength: 127,
              description: 'Bucket that names of datasets without one mean; null or empty for that of the namespace.',
            },
            email_notification: flag,
            slack_notification: flag,
          },
          minProperties: 1,
          additionalProperties: false,
        },
        required: true,
      },
      answer: { description: 'The settings as they are now.', schema: answerSchema },
      async handle({ caller, body, signal }) {
        const change = body as ProfileChange;
        await demandPool(change.pool, () => pools(caller));
        const bucket = change.bucket ? (await findBucket(dependencies, caller, change.bucket)).ref : change.bucket;
        const { metadata } = await logins.ensure(caller);
        const stored = await as(caller).patch(
          Users,
          { name: metadata.name },
          { kind: 'merge', body: { spec: specOf(change, bucket) } },
          { fieldManager: FieldManagers.apiGateway, fieldValidation: 'Strict', signal },
        );
        return { json: await answer(caller, stored.spec) };
      },
    }),
  ];
}

/** @throws RequestError 400 for a pool that the caller can't submit to */
async function demandPool(pool: string | null | undefined, usable: () => Promise<string[]>): Promise<void> {
  if (!pool) return;
  const names = await usable();
  if (names.includes(pool)) return;
  const shown = JSON.stringify(pool);
  throw badRequest(`pool: ${shown}: there is no such pool that you may use; yours are: ${names.join(', ') || 'none'}`);
}

/** The name by which clients mean a bucket; null for none. */
function bucketId(bucket: string | undefined, defaultNamespace: string): string | null {
  const [namespace, name] = bucket?.split('.') ?? [];
  return namespace === undefined || name === undefined ? null : idOf({ namespace, name }, defaultNamespace);
}

function specOf(
  { pool, email_notification: email, slack_notification: slack }: ProfileChange,
  bucket: BucketRef | string | null | undefined,
): object {
  const notifications = { ...(email !== undefined && { email }), ...(slack !== undefined && { slack }) };
  return {
    ...(pool !== undefined && { pool: pool === '' ? null : pool }),
    ...(bucket !== undefined && {
      bucket: bucket === null || typeof bucket === 'string' ? null : `${bucket.namespace}.${bucket.name}`,
    }),
    ...(Object.keys(notifications).length > 0 && { notifications }),
  };
}
