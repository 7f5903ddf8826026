import type { App } from '@osmo/crds';
import { type Caches, Indexes } from '../caches.ts';
import { badRequest } from '../http/errors.ts';
import type { Values } from '../http/operation.ts';
import { glob } from '../workflows/glob.ts';
import { originKey } from './marks.ts';
import { ownerOf } from './view.ts';

/** The query of a list of apps. */
export const listParameters = {
  users: {
    type: 'texts',
    description:
      'Only of these owners. When neither this nor all_users is given: those that the caller created, updated or submitted.',
  },
  all_users: { type: 'boolean', description: 'Of all owners.' },
  name: { type: 'text', description: 'Only whose name holds this text; `*` stands for anything.' },
  namespace: { type: 'text', description: 'Only in this namespace; in all that the caller may read when not given.' },
  order: { type: 'text', description: 'ASC: oldest first; DESC: newest first, the default.', enum: ['ASC', 'DESC'] },
  offset: { type: 'integer', description: 'How many to leave out at the front.', minimum: 0, maximum: 10_000_000 },
  limit: { type: 'integer', description: 'Most to answer; 20 when not given.', minimum: 1, maximum: 1000 },
} as const;

/**
 * The test that a query asks of each app.
 *
 * @throws RequestError 400 for a pattern that can't be read
 */
export function appFilter(
  { users, all_users: allUsers, name }: Values<typeof listParameters>,
  caller: string,
  caches: Pick<Caches, 'appVersions' | 'workflows'>,
): (app: App) => boolean {
  const named = name === undefined ? undefined : glob(`*${name.toLowerCase().replaceAll('_', '-')}*`);
  if (name !== undefined && named === undefined)
    throw badRequest(`name: ${JSON.stringify(name.slice(0, 64))}: parentheses must match, as in (a|b)`);
  const owners = new Set(users);
  const touched = allUsers === true || owners.size > 0 ? undefined : touchedBy(caller, caches);
  return (app) => {
    if (named !== undefined && !named(app.metadata.name)) return false;
    if (allUsers === true) return true;
    if (touched === undefined) return owners.has(ownerOf(app));
    return ownerOf(app) === caller || touched.has(`${app.metadata.namespace}/${app.metadata.name}`);
  };
}

/** Apps, as `namespace/name`, of which somebody added a version or made a workflow that is still there. */
function touchedBy(caller: string, { appVersions, workflows }: Pick<Caches, 'appVersions' | 'workflows'>): Set<string> {
  const added = appVersions
    .byIndex(Indexes.createdBy, caller)
    .map(({ metadata, spec }) => `${metadata.namespace}/${spec.app}`);
  const submitted = workflows.byIndex(Indexes.appSubmitter, caller).map((workflow) => originKey(workflow) ?? '');
  return new Set([...added, ...submitted]);
}
