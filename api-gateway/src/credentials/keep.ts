import { Api, type Credential, credentialSecret, FieldManagers, Labels, ownSecretName, userDigest } from '@osmo/crds';
import { isAlreadyExists, isForbidden, isNotFound, type KubeClient, KubeError, Secret } from '@osmo/kube';
import { RequestError } from '../http/errors.ts';
import { Credentials } from '../kinds.ts';
import { sameName, sharedOwner } from './entries.ts';
import type { NewCredential } from './payload.ts';

/** Whose a credential is, and where. */
export interface Place {
  namespace: string;
  /** Name that people use. */
  name: string;
  /** Undefined: shared by the namespace. */
  user: string | undefined;
}

/** Who writes: entries are the caller's to write, Secrets the gateway's, which can not read them. */
export interface Writers {
  caller: Pick<KubeClient, 'apply' | 'delete'>;
  own: Pick<KubeClient, 'create' | 'replace' | 'delete'>;
}

const options = { fieldManager: FieldManagers.apiGateway, fieldValidation: 'Strict' } as const;

/**
 * Sets a credential: the entry in the caller's name, so that RBAC and the policy about owners decide; then the Secret, which is
 * replaced in one step where there is one already, so that no task meets a moment without it; then what it takes the place of goes.
 *
 * @param known what the owner has had until now
 * @throws KubeError as the apiserver refuses it; RequestError 409 when a Secret of that name is somebody else's
 */
export async function keepCredential(
  { caller, own }: Writers,
  { namespace, name, user }: Place,
  { type, profile, sharedName, data, secretType }: NewCredential,
  known: readonly Credential[],
  signal: AbortSignal,
): Promise<void> {
  const objectName = user === undefined ? sharedName : ownSecretName(user, sharedName);
  const labels = {
    [Labels.credentialType]: type.toLowerCase(),
    [Labels.credentialOwner]: user === undefined ? sharedOwner : userDigest(user),
  };
  const metadata = { name: objectName, namespace, labels };
  const head = { apiVersion: Api.apiVersion, kind: 'Credential', metadata };
  const spec = {
    ...{ type, name, keys: Object.keys(data).toSorted() },
    ...(user !== undefined && { user }),
    ...(profile !== undefined && { profile }),
  };
  const entry = await caller.apply(
    Credentials,
    { ...head, spec },
    {
      ...options,
      force: true,
      signal,
    },
  );
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...metadata,
      ownerReferences: [
        { apiVersion: Api.apiVersion, kind: 'Credential', name: objectName, uid: entry.metadata.uid ?? '' },
      ],
    },
    type: secretType,
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
  try {
    await writeSecret(own, secret, signal);
  } catch (error) {
    const isNew = !known.some(({ metadata: each }) => each.name === objectName);
    // An entry without a Secret would promise what isn't there.
    if (isNew) await caller.delete(Credentials, { namespace, name: objectName }).catch(() => undefined);
    throw refusalOf(error, objectName);
  }
  for (const other of known) {
    if (other.metadata.name === objectName || !sameName(other.spec.name, name)) continue;
    // oxlint-disable-next-line no-await-in-loop
    await dropCredential({ caller, own }, other, signal);
  }
}

/** Deletes the entry in the caller's name, then its Secret: not left to the garbage collector, which could meet one that is set again. */
export async function dropCredential({ caller, own }: Writers, entry: Credential, signal: AbortSignal): Promise<void> {
  const { name, namespace = '', uid } = entry.metadata;
  await ignoringGone(caller.delete(Credentials, { namespace, name }, { uid, signal }));
  // A Secret under another name was made by somebody else, and stays theirs.
  if (credentialSecret(entry) === name) await ignoringGone(own.delete(Secret, { namespace, name }, { signal }));
}

async function writeSecret(own: Writers['own'], secret: Secret, signal: AbortSignal): Promise<void> {
  try {
    await own.create(Secret, secret, { ...options, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    // Without a version: whatever is there is replaced whole, and nothing of it is read.
    await own.replace(Secret, secret, { ...options, signal });
  }
}

async function ignoringGone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The apiserver's words about a Secret may repeat what it holds; nobody is told more than its name. */
function refusalOf(error: unknown, name: string): unknown {
  if (!(error instanceof KubeError)) return error;
  if (isForbidden(error) || error.status === 422)
    return new RequestError(
      409,
      'CREDENTIAL',
      `Secret ${name} can't be written: there is one that was made otherwise; delete it, or take the credential's place by kubectl`,
    );
  return error;
}
