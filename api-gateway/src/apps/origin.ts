import { Indexes } from '../caches.ts';
import type { Dependencies } from '../dependencies.ts';
import { badRequest } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import { versionOf } from './find.ts';
import { appMarks, type Marks } from './marks.ts';
import { versionsOf } from './versions.ts';

/**
 * What a Workflow bears that is submitted as made of an app.
 *
 * @throws RequestError 400 for an app or version that isn't there, or that the caller may not read
 */
export async function originMarks(
  { caches, access }: Pick<Dependencies, 'caches' | 'access'>,
  caller: Identity,
  { app_uuid: uid, app_version: number }: { app_uuid: string | undefined; app_version: number | undefined },
  namespace: string,
): Promise<Marks> {
  if (uid === undefined) {
    if (number === undefined) return {};
    throw badRequest('app_version: must come with app_uuid');
  }
  const [app] = caches.apps.byIndex(Indexes.uid, uid);
  const { name, namespace: of = '' } = app?.metadata ?? {};
  const mayRead =
    app !== undefined &&
    (await access.may(caller, { verb: 'get', resource: 'apps', namespace: of, ...(name !== undefined && { name }) }));
  if (app === undefined || !mayRead)
    throw badRequest(
      `app_uuid: ${JSON.stringify(uid.slice(0, 64))}: there is no such app; GET /api/app/user/NAME says the uuid of one`,
    );
  const { spec } = versionOf({ app, versions: versionsOf(caches, app) }, number);
  return appMarks(app, spec.version, namespace);
}
