import { Annotations, Api, type App, type AppSpecInput, FieldManagers } from '@osmo/crds';
import { isAlreadyExists, type KubeClient } from '@osmo/kube';
import { RequestError } from '../http/errors.ts';
import { Apps } from '../kinds.ts';
import type { AppRef } from './names.ts';

/**
 * Creates an app, without versions yet.
 *
 * @throws RequestError 409 when there is one of that name; KubeError, as the apiserver refuses it
 */
export async function createApp(
  client: Pick<KubeClient, 'create'>,
  { namespace, name }: AppRef,
  { spec, owner }: { spec: AppSpecInput; owner: string },
  signal: AbortSignal,
): Promise<App> {
  const app = {
    apiVersion: Api.apiVersion,
    kind: 'App',
    metadata: { name, namespace, annotations: { [Annotations.appOwner]: owner } },
    spec,
  };
  try {
    return await client.create(Apps, app as App, {
      fieldManager: FieldManagers.apiGateway,
      fieldValidation: 'Strict',
      signal,
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    throw new RequestError(409, 'USER', `app ${name} exists already; update it, or take another name`);
  }
}

/** Takes an app back that got no version: nobody asked for that. What can't be taken back stays, and no list shows it. */
export async function takeBack(client: Pick<KubeClient, 'delete'>, { metadata }: App): Promise<void> {
  const { name, namespace, uid } = metadata;
  await client.delete(Apps, { name, namespace }, { ...(uid !== undefined && { uid }) }).catch(() => undefined);
}
