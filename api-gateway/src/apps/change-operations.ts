import type { App } from '@osmo/crds';
import { isNotFound, type KubeClient } from '@osmo/kube';
import type { Dependencies } from '../dependencies.ts';
import { badRequest, notFound } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Apps, AppVersions } from '../kinds.ts';
import { Changes } from '../system/changes.ts';
import { createApp, takeBack } from './create.ts';
import { digestOf } from './digest.ts';
import { appOf } from './find.ts';
import { appIdOf, appRefOf } from './names.ts';
import { recipeOf } from './recipe.ts';
import { renameApp } from './rename.ts';
import { appSchemas } from './schemas.ts';
import { seen } from './seen.ts';
import { createVersion, latestOf, versionName, versionsOf } from './versions.ts';
import { versionEntry } from './view.ts';

const recipeBody = { schema: appSchemas.recipe };

/** Creating, updating, deleting and renaming apps, in the name of the caller. */
export function appChangeOperations(dependencies: Dependencies): Operation[] {
  const { caches, clock, defaultNamespace } = dependencies;
  const appChanges = new Changes(caches.apps);
  const versionChanges = new Changes(caches.appVersions);
  const appSeen = (app: App) => seen(caches.apps, appChanges, app, clock);
  const edited = async (app: App, version: Parameters<typeof versionEntry>[0]) => {
    await seen(caches.appVersions, versionChanges, version, clock);
    const { uid: uuid = '' } = app.metadata;
    return { json: { uuid, name: appIdOf(app.metadata, defaultNamespace), ...versionEntry(version) } };
  };
  return [
    operation({
      id: 'createApp',
      action: 'app:Create',
      method: 'post',
      path: '/api/app/user/{name}',
      tag: 'Apps',
      summary: 'Creates an app of a recipe',
      description: 'Only the sections of the recipe are checked: values may be missing that only a submission brings.',
      parameters: { description: { type: 'text', description: 'For people.', maxLength: 4096 } },
      body: recipeBody,
      answer: { description: 'Its first version.', schema: appSchemas.version },
      async handle({ caller, params, query, body, signal }) {
        const ref = appRefOf(params['name'] ?? '', defaultNamespace);
        const recipe = recipeOf(body);
        const client = dependencies.as(caller);
        const { description } = query;
        const spec = description === undefined ? {} : { description };
        const app = await createApp(client, ref, { spec, owner: caller.user }, signal);
        await appSeen(app);
        try {
          const wanted = { app, number: 1, recipe, createdBy: caller.user };
          return await edited(app, await createVersion(client, wanted, signal));
        } catch (error) {
          await takeBack(client, app);
          throw error;
        }
      },
    }),
    operation({
      id: 'updateApp',
      action: 'app:Update',
      method: 'patch',
      path: '/api/app/user/{name}',
      tag: 'Apps',
      summary: 'Adds a version to an app',
      description: 'A recipe that is the newest version already makes no other.',
      body: recipeBody,
      answer: { description: 'The version.', schema: appSchemas.version },
      async handle({ caller, params, body, signal }) {
        const ref = appRefOf(params['name'] ?? '', defaultNamespace);
        const recipe = recipeOf(body);
        const client = dependencies.as(caller);
        const app = await appOf(client, ref, defaultNamespace, signal);
        const known = versionsOf(caches, app);
        const latest = latestOf(known);
        if (latest !== undefined && latest.spec.recipe === digestOf(recipe)) return edited(app, latest);
        const number = Math.max(app.status?.lastVersion ?? 0, known[0]?.spec.version ?? 0) + 1;
        return edited(app, await createVersion(client, { app, number, recipe, createdBy: caller.user }, signal));
      },
    }),
    operation({
      id: 'deleteApp',
      action: 'app:Delete',
      method: 'delete',
      path: '/api/app/user/{name}',
      tag: 'Apps',
      summary: 'Deletes a version of an app, or all of it',
      description: 'Workflows that were made of it stay and run on.',
      parameters: {
        version: { type: 'integer', description: 'This version.', minimum: 1, maximum: 2 ** 31 - 1 },
        all_versions: { type: 'boolean', description: 'The whole app.' },
      },
      answer: { description: 'Numbers of the versions that are gone.', schema: appSchemas.deleted },
      async handle({ caller, params, query, signal }) {
        const ref = appRefOf(params['name'] ?? '', defaultNamespace);
        const { version, all_versions: all = false } = query;
        if ((version === undefined) === !all)
          throw badRequest('exactly one of version=NUMBER and all_versions=true must be given');
        const client = dependencies.as(caller);
        if (version === undefined) return { json: { versions: await deleteApp(client, ref, signal) } };
        const name = versionName(ref.name, version);
        const gone = await deleteVersion(client, { name, namespace: ref.namespace }, signal);
        if (!gone) throw notFound(`app ${params['name']} has no version ${version}`);
        return { json: { versions: [version] } };
      },
    }),
    operation({
      id: 'renameApp',
      action: 'app:Create',
      method: 'post',
      path: '/api/app/user/{name}/rename',
      tag: 'Apps',
      summary: 'Gives an app another name',
      description: 'Its versions keep their numbers. It gets another uuid, since Kubernetes renames nothing.',
      body: { schema: appSchemas.newName },
      answer: { description: 'The new name.', schema: appSchemas.name },
      async handle({ caller, params, body, signal }) {
        const from = appRefOf(params['name'] ?? '', defaultNamespace);
        const to = appRefOf(String(body), defaultNamespace);
        if (!String(body).includes('.')) to.namespace = from.namespace;
        const client = dependencies.as(caller);
        const old = await appOf(client, from, defaultNamespace, signal);
        const known = versionsOf(caches, old).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
        const { app, version } = await renameApp(client, { from: old, to }, known, signal);
        await appSeen(app);
        await seen(caches.appVersions, versionChanges, version, clock);
        return { json: appIdOf(app.metadata, defaultNamespace) };
      },
    }),
  ];

  /** Deletes an app, then its versions so that their names are free at once; what that takes rights for, Kubernetes does. */
  async function deleteApp(
    client: KubeClient,
    ref: { namespace: string; name: string },
    signal: AbortSignal,
  ): Promise<number[]> {
    const app = await appOf(client, ref, defaultNamespace, signal);
    const versions = versionsOf(caches, app);
    await client.delete(Apps, ref, { signal });
    for (const { metadata } of versions) {
      // oxlint-disable-next-line no-await-in-loop
      await client
        .delete(AppVersions, { name: metadata.name, namespace: ref.namespace }, { signal })
        .catch(() => undefined);
    }
    return versions.map(({ spec }) => spec.version).toReversed();
  }

  async function deleteVersion(
    client: KubeClient,
    ref: { namespace: string; name: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      await client.delete(AppVersions, ref, { signal });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}
