import {
  isAlreadyExists,
  type KubeClient,
  KubeError,
  type KubeObject,
  Pod,
  type ResourceType,
  Secret,
  Service,
} from '@osmo/kube';
import { planSecretNameOf } from '../transfer/names.ts';
import { storedSecret } from './files.ts';

/** What the apiserver said about creates and no cache holds. Lost with the process, learned again by trying again. */
export interface Ledger {
  /** Why a pod, its files or the Service of a group will never be taken: by pod name, or `serviceKey`. */
  readonly refusals: ReadonlyMap<string, string>;
  /** Why a pod or a Service is not taken for now: by pod name, or `serviceKey`. */
  readonly delays: ReadonlyMap<string, string>;
  /** Secrets of pods that are stored, as `storedSecret` names them. */
  readonly filesStored: ReadonlySet<string>;
}

/** What a Service is entered as; no pod has such a name. */
export const serviceKey = (name: string): string => `service/${name}`;

/** A ledger that fills itself as creates go by. */
export class CreateLedger implements Ledger {
  readonly refusals = new Map<string, string>();
  readonly delays = new Map<string, string>();
  readonly filesStored = new Set<string>();

  /** Records the answer to a create of a pod, of its files or of a Service. */
  record(type: Pick<ResourceType, 'kind'>, object: KubeObject, error: KubeError | undefined): void {
    const key = keyOf(type, object);
    if (key === undefined) return;
    this.delays.delete(key);
    if (error === undefined || (type.kind === Secret.kind && isAlreadyExists(error))) {
      const stored = type.kind === Secret.kind ? storedSecret(object) : undefined;
      if (stored !== undefined) this.filesStored.add(stored);
    } else if (isFinal(error)) {
      this.refusals.set(key, `the apiserver refuses the ${type.kind.toLowerCase()}: ${error.message}`);
    } else if (isPolicy(error)) {
      this.delays.set(key, type.kind === Service.kind ? serviceDelay(object, error.message) : error.message);
    }
  }

  /** Forgets what was recorded of a pod; to be called when the pod, or its Task, is gone. */
  forget(podName: string, podUid: string | undefined): void {
    this.refusals.delete(podName);
    this.delays.delete(podName);
    if (podUid === undefined) return;
    this.filesStored.delete(podUid);
    this.filesStored.delete(`${podUid}/${planSecretNameOf(podName)}`);
  }
}

function keyOf({ kind }: Pick<ResourceType, 'kind'>, { metadata }: KubeObject): string | undefined {
  if (kind === Service.kind) return serviceKey(metadata.name);
  return kind === Pod.kind ? metadata.name : metadata.ownerReferences?.[0]?.name;
}

/** Why the tasks of a group wait for its Service, in one sentence. */
export const serviceDelay = ({ metadata }: KubeObject, why: string): string =>
  `Service ${metadata.name}, by which the tasks of the group find each other, is not accepted: ${why}`;

/** The object itself is wrong: the same request can't ever succeed. */
function isFinal({ status }: KubeError): boolean {
  return status === 400 || status === 413 || status === 422;
}

/** The cluster says no for now: a quota, an admission policy, a namespace that is missing or being deleted. */
function isPolicy({ status }: KubeError): boolean {
  return status === 403 || status === 404;
}

/**
 * The same client, whose creates of pods, Secrets and Services are entered in the ledger.
 *
 * A Secret that is there already counts as created: its name says which pod of which attempt it is for, and the operator
 * has no right to read Secrets to find out more.
 */
export function recordingClient(client: KubeClient, ledger: CreateLedger): KubeClient {
  return new Proxy(client, {
    get(target, property) {
      if (property === 'create') return create;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

  async function create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: object): Promise<T> {
    if (![Pod.kind, Secret.kind, Service.kind].includes(type.kind)) return client.create(type, object, options);
    try {
      const created = await client.create(type, object, options);
      ledger.record(type, object, undefined);
      return created;
    } catch (error) {
      if (error instanceof KubeError) ledger.record(type, object, error);
      if (type.kind === Secret.kind && isAlreadyExists(error)) return object;
      throw error;
    }
  }
}
