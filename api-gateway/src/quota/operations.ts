import { type QuotaUsage, quotaUsageName } from '@osmo/crds';
import { isNotFound } from '@osmo/kube';
import { type Claim, claimsOf } from '@osmo/workflow-spec/admission';
import type { Dependencies } from '../dependencies.ts';
import { badRequest } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { Quotas, QuotaUsages } from '../kinds.ts';
import { claimEntry, fullness, type QuotaEntry, usageEntry } from './view.ts';

const count = { type: ['integer', 'null'] } as const;
const entrySchema = {
  type: 'object',
  properties: {
    kind: { type: 'string', enum: ['User', 'Namespace'] },
    name: { type: 'string' },
    quota: { type: ['string', 'null'], description: 'Name of the Quota that holds.' },
    workflows: { ...count, description: 'Workflows that have not ended; null: not counted so far.' },
    workflow_limit: { ...count, description: 'Most workflows; null: any number.' },
    tasks: { ...count, description: 'Tasks that have not ended; null: not counted so far.' },
    task_limit: { ...count, description: 'Most tasks; null: any number.' },
    oldest: { type: 'array', items: { type: 'string' }, description: 'The oldest of the workflows.' },
    users: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, workflows: { type: 'integer' } },
        required: ['name', 'workflows'],
      },
      description: 'Of a namespace: who has most.',
    },
  },
  required: ['kind', 'name', 'quota', 'workflows', 'workflow_limit', 'tasks', 'task_limit', 'oldest', 'users'],
};

/** What the caller has of what quotas allow; for those who may, what everybody has. */
export function quotaOperations({
  access,
  own,
  as,
  defaultNamespace,
}: Pick<Dependencies, 'access' | 'own' | 'as' | 'defaultNamespace'>): Operation[] {
  const usageOf = async ({ kind, name }: Claim, signal: AbortSignal): Promise<QuotaUsage | undefined> => {
    try {
      return await own.get(QuotaUsages, { name: quotaUsageName(kind, name) }, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const holding = async (
    caller: Identity,
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<QuotaEntry[]> => {
    const where = namespace ?? defaultNamespace;
    const deed = { verb: 'list', resource: 'workflows', namespace: where } as const;
    // Who asks about a namespace is told that they may not; who doesn't is shown what they may see.
    if (namespace !== undefined) await access.demand(caller, deed);
    const seesNamespace = namespace !== undefined || (await access.may(caller, deed));
    const { items } = await own.list(Quotas, { signal });
    const claims = claimsOf({ user: caller.user, groups: caller.groups, namespace: where }, items);
    const shown = claims.filter(({ kind }) => kind === 'User' || seesNamespace);
    return Promise.all(shown.map(async (claim) => claimEntry(claim, await usageOf(claim, signal), defaultNamespace)));
  };
  const everybodys = async (caller: Identity, signal: AbortSignal): Promise<QuotaEntry[]> => {
    const { items } = await as(caller).list(QuotaUsages, { signal });
    const entries = items.map((usage) => ({ entry: usageEntry(usage, defaultNamespace), name: usage.metadata.name }));
    return entries
      .toSorted((a, b) => fullness(b.entry) - fullness(a.entry) || (a.name < b.name ? -1 : 1))
      .map(({ entry }) => entry);
  };
  return [
    operation({
      id: 'listQuotas',
      action: 'profile:Read',
      method: 'get',
      path: '/api/quota',
      tag: 'Users',
      summary: 'Says how many workflows and tasks the caller has that have not ended, and may have',
      description:
        'The quota of the caller and that of a namespace whose workflows the caller may list; nothing for what no quota limits. With `all`, those who may list ' +
        'QuotaUsages see what every user and namespace has, the fullest first, with the limits that were asked last.',
      parameters: {
        all: { type: 'boolean', description: 'What everybody has.' },
        namespace: { type: 'text', maxLength: 63, description: 'Namespace; the one of the gateway by default.' },
        limit: { type: 'integer', minimum: 1, maximum: 1000, description: 'Most entries; 100 by default.' },
      },
      answer: {
        description: 'Who has what.',
        schema: {
          type: 'object',
          properties: {
            quotas: { type: 'array', items: entrySchema },
            total: { type: 'integer', description: 'How many there are, shown or not.' },
          },
          required: ['quotas', 'total'],
        },
      },
      async handle({ caller, query: { all, namespace, limit = 100 }, signal }) {
        if (all === true && namespace !== undefined) throw badRequest('all, namespace: give one of them');
        const entries = all === true ? await everybodys(caller, signal) : await holding(caller, namespace, signal);
        return { json: { quotas: entries.slice(0, limit), total: entries.length } };
      },
    }),
  ];
}
