import type { App } from '@osmo/crds';
import { readableNamespaces } from '../access/namespaces.ts';
import type { Dependencies } from '../dependencies.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { AppVersions } from '../kinds.ts';
import { CreationOrder } from '../workflows/order.ts';
import { pageOf } from '../workflows/page.ts';
import { appFilter, listParameters } from './filter.ts';
import { findApp, versionOf } from './find.ts';
import { appSchemas } from './schemas.ts';
import { latestOf, versionsOf } from './versions.ts';
import { appEntry, versionEntry } from './view.ts';

const version = { type: 'integer', description: 'Only this version.', minimum: 1, maximum: 2 ** 31 - 1 } as const;

/** Reading apps. */
export function appReadOperations(dependencies: Dependencies): Operation[] {
  const { caches, defaultNamespace } = dependencies;
  const order = new CreationOrder(caches.apps);
  return [
    operation({
      id: 'listApps',
      action: 'app:Read',
      method: 'get',
      path: '/api/app',
      tag: 'Apps',
      summary: 'Lists apps',
      description: 'Those in namespaces that the caller may read that have a version.',
      parameters: listParameters,
      answer: { description: 'One page of apps.', schema: appSchemas.list },
      async handle({ query, caller }) {
        const passes = appFilter(query, caller.user, caches);
        const readable = await readableApps(dependencies, caller, query.namespace);
        const latest = (app: App) => latestOf(versionsOf(caches, app))?.spec.version;
        const { offset = 0, limit = 20 } = query;
        const shown = (app: App): boolean => passes(app) && readable(app) && latest(app) !== undefined;
        const { items, more } = pageOf(order.walk(query.order !== 'ASC'), shown, { offset, limit });
        return {
          json: { apps: items.map((app) => appEntry(app, latest(app), defaultNamespace)), more_entries: more },
        };
      },
    }),
    operation({
      id: 'getApp',
      action: 'app:Read',
      method: 'get',
      path: '/api/app/user/{name}',
      tag: 'Apps',
      summary: 'Reads an app with its versions',
      parameters: { version, order: listParameters.order, offset: listParameters.offset, limit: listParameters.limit },
      answer: { description: 'The app.', schema: appSchemas.app },
      async handle({ caller, params, query }) {
        const found = await findApp(dependencies, caller, params['name'] ?? '');
        const one = versionOf(found, query.version);
        const all = query.version === undefined ? found.versions : [one];
        const { offset = 0, limit = 20 } = query;
        const ordered = query.order === 'ASC' ? all.toReversed() : all;
        const { items, more } = pageOf(ordered, () => true, { offset, limit });
        const { latest_version: _, ...entry } = appEntry(found.app, undefined, defaultNamespace);
        return { json: { ...entry, versions: items.map(versionEntry), more_entries: more } };
      },
    }),
    operation({
      id: 'getAppSpec',
      action: 'app:Read',
      method: 'get',
      path: '/api/app/user/{name}/spec',
      tag: 'Apps',
      summary: 'Reads the recipe of an app',
      parameters: { version },
      answer: { description: 'The recipe, as it was written.', type: 'text/plain' },
      async handle({ caller, params, query, signal }) {
        const found = await findApp(dependencies, caller, params['name'] ?? '');
        const { metadata } = versionOf(found, query.version);
        // Caches have no recipes; and so RBAC decides about them itself.
        const { name, namespace } = metadata;
        const { spec } = await dependencies.as(caller).get(AppVersions, { name, namespace }, { signal });
        return { text: spec.recipe };
      },
    }),
  ];
}

/** @throws RequestError 403 for a namespace that was asked for by name */
async function readableApps(
  { access, caches }: Pick<Dependencies, 'access' | 'caches'>,
  caller: Identity,
  namespace: string | undefined,
): Promise<(app: App) => boolean> {
  if (namespace !== undefined) {
    await access.demand(caller, { verb: 'list', resource: 'apps', namespace });
    return ({ metadata }) => metadata.namespace === namespace;
  }
  const readable = await readableNamespaces(access, caller, 'apps', function* namespaces() {
    for (const { metadata } of caches.apps.list()) yield metadata.namespace ?? '';
  });
  return ({ metadata }) => readable === 'all' || readable.has(metadata.namespace ?? '');
}
