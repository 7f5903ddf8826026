import {
  isAlreadyExists,
  type KubeClient,
  KubeError,
  type KubeObject,
  Pod,
  type ResourceType,
  Secret,
} from '@osmo/kube';
import { planSecretNameOf } from '../transfer/names.ts';
import { storedSecret } from './files.ts';

/** What the apiserver said about creates and no cache holds. Lost with the process, learned again by trying again. */
export interface Ledger {
  /** Why a pod, or its files, will never be taken: by pod name. */
  readonly refusals: ReadonlyMap<string, string>;
  /** Why a pod is not taken for now: by pod name. */
  readonly delays: ReadonlyMap<string, string>;
  /** Secrets of pods that are stored, as `storedSecret` names them. */
  readonly filesStored: ReadonlySet<string>;
}

/** A ledger that fills itself as creates go by. */
export class CreateLedger implements Ledger {
  readonly refusals = new Map<string, string>();
  readonly delays = new Map<string, string>();
  readonly filesStored = new Set<string>();

  /** Records the answer to a create of a pod or of its files. */
  record(type: Pick<ResourceType, 'kind'>, object: KubeObject, error: KubeError | undefined): void {
    const pod = type.kind === Pod.kind ? object.metadata.name : object.metadata.ownerReferences?.[0]?.name;
    if (pod === undefined) return;
    this.delays.delete(pod);
    if (error === undefined || (type.kind === Secret.kind && isAlreadyExists(error))) {
      const stored = type.kind === Secret.kind ? storedSecret(object) : undefined;
      if (stored !== undefined) this.filesStored.add(stored);
    } else if (isFinal(error)) {
      this.refusals.set(pod, `the apiserver refuses the ${type.kind.toLowerCase()}: ${error.message}`);
    } else if (isPolicy(error)) {
      this.delays.set(pod, error.message);
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

/** The object itself is wrong: the same request can't ever succeed. */
function isFinal({ status }: KubeError): boolean {
  return status === 400 || status === 413 || status === 422;
}

/** The cluster says no for now: a quota, an admission policy, a namespace that is missing or being deleted. */
function isPolicy({ status }: KubeError): boolean {
  return status === 403 || status === 404;
}

/**
 * The same client, whose creates of pods and Secrets are entered in the ledger.
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
    if (type.kind !== Pod.kind && type.kind !== Secret.kind) return client.create(type, object, options);
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
