import { Api } from '@osmo/crds';
import {
  apiVersionOf,
  type EventRecorder,
  type KubeClient,
  KubeError,
  type KubeObject,
  type Logger,
  type ObjectRef,
  type ResourceType,
} from '@osmo/kube';
import type { Identity } from '../identity/identity.ts';

type Verb = 'create' | 'replace' | 'apply' | 'patch' | 'delete' | 'deleteCollection';

const reasons = {
  create: 'CreatedBy',
  replace: 'ChangedBy',
  apply: 'ChangedBy',
  patch: 'ChangedBy',
  delete: 'DeletedBy',
} as const;

/**
 * A client of a caller that tells of each change: a line in the log, also of what was refused, and an Event on an object of ours
 * that was changed. Never of values: bodies may hold secrets. What only tries out changes nothing.
 */
export function auditedClient(
  client: KubeClient,
  caller: Identity,
  { logger, events }: { logger: Logger; events: EventRecorder },
): KubeClient {
  const { user, method, accessToken, request } = caller;
  const who = {
    ...(request !== undefined && { requestId: request.id, source: request.source }),
    ...{ user, method },
    ...(accessToken !== undefined && { tokenName: accessToken.name }),
  };
  const told = async <T>(verb: Verb, type: ResourceType, ref: Partial<ObjectRef>, change: Promise<T>): Promise<T> => {
    const { name, namespace } = ref;
    const what = { verb, resource: type.group === '' ? type.plural : `${type.plural}.${type.group}`, namespace, name };
    let result: T;
    try {
      result = await change;
    } catch (error) {
      const status = error instanceof KubeError ? error.status : undefined;
      logger.info('change refused', { ...who, ...what, status });
      throw error;
    }
    const made = result as KubeObject | undefined;
    logger.info('change', { ...who, ...what, name: made?.metadata?.name ?? name });
    if (verb !== 'deleteCollection' && type.group === Api.group) record(verb, type, ref, made);
    return result;
  };
  const record = (
    verb: keyof typeof reasons,
    type: ResourceType,
    ref: Partial<ObjectRef>,
    made: KubeObject | undefined,
  ): void => {
    const { name = ref.name ?? '', namespace = ref.namespace, uid } = made?.metadata ?? {};
    const tokenText = accessToken === undefined ? '' : `, access token ${JSON.stringify(accessToken.name)}`;
    events.record({
      type: 'Normal',
      reason: reasons[verb],
      action: verb,
      note: `${user} through the gateway (${method}${tokenText})`.slice(0, 1000),
      regarding: {
        apiVersion: apiVersionOf(type),
        kind: type.kind,
        name,
        ...(namespace !== undefined && { namespace }),
        ...(uid !== undefined && { uid }),
      },
    });
  };
  return {
    ...client,
    create: (type, object, options) =>
      options?.dryRun === true
        ? client.create(type, object, options)
        : told('create', type, object.metadata, client.create(type, object, options)),
    replace: (type, object, options) =>
      options?.dryRun === true
        ? client.replace(type, object, options)
        : told('replace', type, object.metadata, client.replace(type, object, options)),
    apply: (type, object, options) =>
      options.dryRun === true
        ? client.apply(type, object, options)
        : told('apply', type, object.metadata, client.apply(type, object, options)),
    patch: (type, ref, patch, options) =>
      options?.dryRun === true
        ? client.patch(type, ref, patch, options)
        : told('patch', type, ref, client.patch(type, ref, patch, options)),
    delete: (type, ref, options) =>
      options?.dryRun === true
        ? client.delete(type, ref, options)
        : told('delete', type, ref, client.delete(type, ref, options)),
    deleteCollection: (type, options) =>
      told(
        'deleteCollection',
        type,
        options?.namespace === undefined ? {} : { namespace: options.namespace },
        client.deleteCollection(type, options),
      ),
  };
}
