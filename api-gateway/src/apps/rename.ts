import { type App, Annotations, type AppVersion } from '@osmo/crds';
import type { KubeClient } from '@osmo/kube';
import { badRequest, notFound } from '../http/errors.ts';
import { Apps, AppVersions } from '../kinds.ts';
import { createApp, takeBack } from './create.ts';
import type { AppRef } from './names.ts';
import { createVersion } from './versions.ts';

/**
 * Copies an app under a new name and deletes the old one. A recipe that is declared in the old one stays behind: whoever
 * declares it would bring the old app back, and must rename it there.
 *
 * @param known versions of the app, newest first; their recipes are read one by one, as the caller
 * @returns the new app and its newest version
 * @throws RequestError 400 for the same name, 404, 409 when the new name is taken; KubeError, as the apiserver refuses it
 */
export async function renameApp(
  client: Pick<KubeClient, 'get' | 'create' | 'delete'>,
  { from, to }: { from: App; to: AppRef },
  known: readonly AppVersion[],
  signal: AbortSignal,
): Promise<{ app: App; version: AppVersion }> {
  const { name, namespace, annotations, uid } = from.metadata;
  if (to.name === name && to.namespace === namespace) throw badRequest(`app ${name} has that name already`);
  if (known.length === 0) throw notFound(`app ${name} has no version; there is nothing to rename`);
  const { recipe: _declared, ...spec } = from.spec;
  const app = await createApp(client, to, { spec, owner: annotations?.[Annotations.appOwner] ?? '' }, signal);
  let version: AppVersion | undefined;
  try {
    for (const { metadata } of known.toReversed()) {
      // oxlint-disable-next-line no-await-in-loop
      const { spec: old } = await client.get(AppVersions, { name: metadata.name, namespace }, { signal });
      const copy = { app, number: old.version, recipe: old.recipe, createdBy: old.createdBy };
      // oxlint-disable-next-line no-await-in-loop
      version = await createVersion(client, copy, signal);
    }
    await client.delete(Apps, { name, namespace }, { signal, ...(uid !== undefined && { uid }) });
  } catch (error) {
    await takeBack(client, app);
    throw error;
  }
  if (version === undefined) throw new Error('a version was copied above');
  return { app, version };
}
