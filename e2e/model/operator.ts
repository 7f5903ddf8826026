import type { Task } from '@osmo/crds';
import type { Pod, Service } from '@osmo/kube';
import {
  attemptOfPod,
  groupKeyString,
  groupOfObject,
  groupOfTask,
  serviceNameOf,
  taskOfObject,
} from '../../backend-operator/src/group/identity.ts';
import { serviceKey } from '../../backend-operator/src/group/ledger.ts';
import { planGroup } from '../../backend-operator/src/group/plan.ts';
import { unconfirmed } from '../../backend-operator/src/group/removals.ts';
import { taskEvents } from '../../backend-operator/src/group/task-events.ts';
import { slimPod, slimTask } from '../../backend-operator/src/group/slim.ts';
import { defaultLimits } from '../../backend-operator/src/group/verdict.ts';
import type { GroupWorld } from '../../backend-operator/src/group/world.ts';
import type { Kubelet } from './kubelet.ts';
import type { Store } from './store.ts';

type Kind = 'tasks' | 'pods' | 'services';

/** The operator of the one backend: like the hub, with a cache for each kind and a memory that dies with it. */
export class Operator {
  readonly #store: Store;
  readonly #kubelet: Kubelet;
  #tasks: Task[] = [];
  #pods: Pod[] = [];
  #services: Service[] = [];
  #gone = new Set<string>();
  #filesStored = new Set<string>();
  /** What was said about Services. */
  readonly #delays = new Map<string, string>();
  readonly #unseen = new Map<string, Set<Kind>>();
  readonly #wakeAt = new Map<string, number>();

  constructor(store: Store, kubelet: Kubelet) {
    this.#store = store;
    this.#kubelet = kubelet;
    this.restart();
  }

  restart(): void {
    this.#gone = new Set();
    this.#filesStored = new Set();
    this.#delays.clear();
    this.#unseen.clear();
    this.#wakeAt.clear();
    for (const kind of ['tasks', 'pods', 'services'] as const) this.read(kind);
  }

  /** One of the caches catches up. */
  read(kind: Kind): void {
    for (const kinds of this.#unseen.values()) kinds.delete(kind);
    if (kind === 'tasks') this.#tasks = [...this.#store.tasks.values()].map(slimTask);
    else if (kind === 'pods') this.#pods = [...this.#store.pods.values()].map(slimPod);
    else this.#services = [...this.#store.services.values()];
  }

  /** All groups of which something is there. */
  groups(): string[] {
    const { tasks, pods, services } = this.#store;
    const keys = [
      ...[...tasks.values()].map((task) => groupKeyString(groupOfTask(task))),
      ...[...pods.values(), ...services.values()].map((object) => keyOf(object)),
    ];
    return [...new Set(keys.filter((key) => key !== undefined))].toSorted();
  }

  /** The earliest time at which a group asked to be looked at again, in ms since the epoch. */
  get wakeAt(): number | undefined {
    // Of a group of which nothing is there any more a look finds nothing.
    const there = new Set(this.groups());
    const times = [...this.#wakeAt].filter(([group]) => there.has(group)).map(([, time]) => time);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** One reconcile of one group. Returns how many effects there were. */
  reconcile(group: string, crashAfter = Number.POSITIVE_INFINITY): number {
    if ((this.#unseen.get(group)?.size ?? 0) > 0) return 0;
    const effects = this.#effects(group);
    if (!this.#store.perform(effects, crashAfter)) this.restart();
    return effects.length;
  }

  #world(group: string): GroupWorld {
    const of = <T extends Pod | Service>(objects: readonly T[]): T[] =>
      structuredClone(objects.filter((object) => keyOf(object) === group));
    return {
      now: this.#store.processTime,
      tasks: structuredClone(this.#tasks.filter((task) => groupKeyString(groupOfTask(task)) === group)),
      pods: of(this.#pods),
      services: of(this.#services),
      gone: new Set(this.#gone),
      refusals: new Map(),
      delays: new Map(this.#delays),
      filesStored: new Set(this.#filesStored),
      settings: {
        limits: defaultLimits,
        nodeLostSeconds: 300,
        taskRuntimeImage: 'task-runtime',
      },
    };
  }

  #effects(group: string): (() => void)[] {
    const store = this.#store;
    const world = this.#world(group);
    for (const { uid } of unconfirmed(world)) {
      const there = [...store.tasks.values()].some(({ metadata }) => metadata.uid === uid);
      if (!there) this.#gone.add(uid);
    }
    const plan = planGroup({ ...world, gone: new Set(this.#gone) });
    if (plan.wakeAt === undefined) this.#wakeAt.delete(group);
    else this.#wakeAt.set(group, plan.wakeAt.getTime());
    const wrote = (kind: Kind, write: () => void) => () => {
      this.#unseen.set(group, (this.#unseen.get(group) ?? new Set<Kind>()).add(kind));
      write();
    };
    return [
      ...plan.create.services.map((service) => () => this.#createService(service, wrote)),
      ...plan.create.pods.map((pod) => () => {
        const isRefused = plan.create.services.some(({ metadata }) => this.#delays.has(serviceKey(metadata.name)));
        if (!isRefused) wrote('pods', () => this.#createPod(pod))();
      }),
      ...plan.create.secrets.map((secret) => () => {
        this.#filesStored.add(secret.metadata.ownerReferences?.[0]?.uid ?? '');
        store.secrets.set(secret.metadata.name, structuredClone(secret));
      }),
      ...plan.deletePods.map((pod) => wrote('pods', () => this.#deletePod(pod))),
      ...plan.killPods.map((pod) => wrote('pods', () => this.#deletePod(pod, 0))),
      ...plan.releasePods.map((pod) => wrote('pods', () => this.#releasePod(pod))),
      ...plan.deleteServices.map((service) =>
        wrote('services', () => {
          store.services.delete(service.metadata.name);
        }),
      ),
      ...plan.statuses.map(({ task, status }) =>
        wrote('tasks', () => store.writeTaskStatus(task, status, taskEvents(task, status).length)),
      ),
    ];
  }

  #createService(service: Service, wrote: (kind: Kind, write: () => void) => () => void): void {
    const key = serviceKey(service.metadata.name);
    if (!this.#store.createService(service)) this.#delays.set(key, 'exceeded quota');
    else {
      this.#delays.delete(key);
      wrote('services', () => undefined)();
    }
  }

  #createPod(pod: Pod): void {
    const ref = taskOfObject(pod);
    const task = this.#store.tasks.get(ref?.name ?? '');
    if (task !== undefined && task.metadata.uid === ref?.uid) {
      // As far as the operator knows: one may be deleted in this moment.
      const peers = this.#tasks.filter(
        ({ spec }) => spec.group.name === task.spec.group.name && spec.workflow.uid === task.spec.workflow.uid,
      );
      if (peers.length !== task.spec.group.size) this.#store.violate(`${pod.metadata.name}: half a group starts`);
      if (task.spec.group.size > 1 && !this.#store.services.has(serviceNameOf(task))) {
        this.#store.violate(`${pod.metadata.name}: there is no Service of its group`);
      }
    }
    this.#store.createPod(pod, `${ref?.uid}/${attemptOfPod(pod)}`);
    this.#kubelet.born(pod);
  }

  #deletePod(pod: Pod, grace?: number): void {
    this.#mustBeRecorded(pod, 'deleted');
    this.#store.writes += 1;
    this.#store.deletePod(pod.metadata.name, pod.metadata.uid, grace);
  }

  #releasePod(pod: Pod): void {
    this.#mustBeRecorded(pod, 'released');
    this.#store.writes += 1;
    this.#store.releasePod(pod.metadata.name, pod.metadata.uid);
  }

  /** The end of an attempt is on record before its pod is touched. */
  #mustBeRecorded(pod: Pod, what: string): void {
    const ref = taskOfObject(pod);
    const task = this.#store.tasks.get(ref?.name ?? '');
    if (task === undefined || task.metadata.uid !== ref?.uid) return;
    const { phase, attempt = 0 } = task.status ?? {};
    const isRecorded = attempt > attemptOfPod(pod) || phase === 'Completed' || phase === 'Failed';
    if (!isRecorded) this.#store.violate(`${pod.metadata.name}: ${what} before the end of its attempt is on record`);
  }
}

function keyOf(object: Pick<Pod, 'metadata'>): string | undefined {
  const key = groupOfObject(object);
  return key === undefined ? undefined : groupKeyString(key);
}
