import { Api, type App, type AppReference, type AppVersion, Labels } from '@osmo/crds';
import type { FieldProblem } from '@osmo/workflow-spec/admission';
import {
  isControlledBy,
  isNotFound,
  type KubeClient,
  type KubeObject,
  metadataOf,
  type ResourceType,
  SubjectAccessReview,
} from '@osmo/kube';
import { Apps, AppVersions } from '../kinds.ts';
import type { AdmissionRequest } from '../review/types.ts';

const timeoutMs = 3_000;
/** What an App keeps at most, and those that are going. */
const mostVersions = 2_000;

/** A version of an app, with the recipe that it is. */
export interface FoundRecipe {
  readonly app: App;
  readonly version: number;
  readonly recipe: string;
}

/** Finds the recipe that somebody means, if they may read it; else what is wrong with what they wrote. */
export type FindRecipe = (
  user: AdmissionRequest['userInfo'],
  reference: AppReference,
  namespace: string,
) => Promise<FoundRecipe | FieldProblem>;

type Client = Pick<KubeClient, 'create' | 'get' | 'list'>;

/**
 * Asks the apiserver for the app, at every question: an app that was just applied counts. Nothing is said about apps that
 * the user may not read, not even whether they exist.
 *
 * @throws KubeError when it can't be known
 */
export function recipeFinder(client: Client): FindRecipe {
  return async (user, { name, namespace: elsewhere, version }, namespaceOfWorkflow) => {
    const namespace = elsewhere ?? namespaceOfWorkflow;
    const where = { name, namespace };
    if (!(await mayRead(client, user, where))) return wrongName(where, forbiddenTo(user.username));
    const app = await existing(client, Apps, where);
    if (app === undefined) return wrongName(where, 'there is no such app');
    const wanted = version ?? (await newestVersion(client, app));
    if (wanted === undefined)
      return wrongName(where, 'the app has no version yet: one is made of its spec.recipe in a moment, try again then');
    const found = await existing(client, AppVersions, { namespace, name: `${name}.${wanted}` });
    if (found !== undefined && isControlledBy(found, app)) return { app, version: wanted, recipe: found.spec.recipe };
    const { latestVersion } = app.status ?? {};
    const newest = latestVersion === undefined ? 'it has none' : `the newest is ${latestVersion}`;
    return { path: 'spec.app.version', value: wanted, message: `app ${name} has no such version; ${newest}` };
  };
}

interface Place {
  name: string;
  namespace: string;
}

function wrongName({ name, namespace }: Place, message: string): FieldProblem {
  return { path: 'spec.app.name', value: name, message: `${message} (namespace ${namespace})` };
}

function forbiddenTo(user = ''): string {
  return `user ${JSON.stringify(user)} cannot get apps.${Api.group} of that name; ask an administrator for a role that allows it`;
}

async function mayRead(client: Client, user: AdmissionRequest['userInfo'], place: Place): Promise<boolean> {
  const { username = '', groups = [], uid, extra } = user;
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: { name: '' },
    spec: {
      user: username,
      groups,
      ...(uid !== undefined && { uid }),
      ...(extra !== undefined && { extra }),
      resourceAttributes: { group: Api.group, version: Api.version, resource: Apps.plural, verb: 'get', ...place },
    },
  };
  const { status } = await client.create(SubjectAccessReview, review, { timeoutMs });
  return status?.allowed === true;
}

/** What is there and isn't about to go. */
async function existing<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  place: Place,
): Promise<T | undefined> {
  try {
    const object = await client.get(type, place, { timeoutMs });
    return object.metadata.deletionTimestamp === undefined ? object : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** From the versions themselves: the status of an app is a moment behind them. */
async function newestVersion(client: Client, app: App): Promise<number | undefined> {
  const { name, namespace = '' } = app.metadata;
  const options = { namespace, labelSelector: `${Labels.app}=${name}`, limit: mostVersions, timeoutMs };
  const { items } = await client.list(metadataOf(AppVersions), options);
  const numbers = items
    .filter((version) => isControlledBy(version, app) && version.metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => numberOf(metadata.name))
    .filter((number) => Number.isSafeInteger(number));
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** `train-robot.12` is 12. */
const numberOf = (name: AppVersion['metadata']['name']): number => Number(name.slice(name.lastIndexOf('.') + 1));
