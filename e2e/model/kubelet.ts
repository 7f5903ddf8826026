import type { Task } from '@osmo/crds';
import type { ContainerStatus, Pod } from '@osmo/kube';
import { barrierContainerName } from '../../backend-operator/src/group/barrier.ts';
import { attemptOfPod, taskOfObject } from '../../backend-operator/src/group/identity.ts';
import type { Outcome, Scripts } from './scripts.ts';
import { type Store, timestamp } from './store.ts';

/** How far a pod is. `held`: its start barrier waits for peers. */
type Stage = 'queued' | 'bound' | 'held' | 'running' | 'ended';

/** What is known about a pod besides its object: facts of the node. */
interface Life {
  taskUid: string;
  taskName: string;
  /** Which try of the task in this run it is, by its own budgets: what its script says depends on nothing else. */
  outcome: Outcome;
  /** Pods that start together; undefined for one that isn't held back. */
  together: { key: string; members: number } | undefined;
  passed: boolean;
}

/** Scheduler and kubelet in one: lets pods go through their lives, one step at a time, as their scripts say. */
export class Kubelet {
  readonly #store: Store;
  readonly #scripts: Scripts;
  readonly #lives = new Map<string, Life>();

  constructor(store: Store, scripts: Scripts) {
    this.#store = store;
    this.#scripts = scripts;
  }

  /** A pod was created: what it will do is fixed now. */
  born(pod: Pod): void {
    if (this.#lives.has(pod.metadata.name)) return;
    const task = this.#taskOf(pod);
    if (task === undefined) return this.#orphan(pod);
    const { user = 0, infrastructure = 0 } = task.status?.retries ?? {};
    const barrier = pod.spec.initContainers?.find(({ name }) => name === barrierContainerName);
    const told = (flag: string) => barrier?.args?.find((word) => word.startsWith(`--${flag}=`))?.split('=')[1] ?? '';
    const together = { key: `${told('group')}/${told('epoch')}`, members: Number(told('size')) };
    this.#lives.set(pod.metadata.name, {
      taskUid: task.metadata.uid ?? '',
      taskName: task.spec.taskName,
      outcome: this.#scripts.outcome(task.spec.taskName, task.spec.run ?? 0, user + infrastructure),
      together: barrier === undefined ? undefined : together,
      passed: false,
    });
    if (attemptOfPod(pod) !== (task.status?.attempt ?? 0)) {
      this.#store.violate(`${pod.metadata.name}: created for an attempt that is not on record`);
    }
  }

  /** Its Task was deleted in this moment: nobody asks what it does. */
  #orphan(pod: Pod): void {
    const { uid = '', name = '' } = taskOfObject(pod) ?? {};
    const outcome: Outcome = { kind: 'forever' };
    this.#lives.set(pod.metadata.name, { taskUid: uid, taskName: name, outcome, together: undefined, passed: false });
  }

  /** The next step of the pod at this place. */
  step(index: number): void {
    const pod = this.#at(index);
    if (pod === undefined) return;
    const life = this.#lives.get(pod.metadata.name);
    if (life === undefined) return;
    if (pod.metadata.deletionTimestamp !== undefined) return this.#terminate(pod);
    switch (stageOf(pod)) {
      case 'queued':
        return this.#bind(pod);
      case 'bound':
        return life.together === undefined ? this.#start(pod, life) : this.#hold(pod);
      case 'held':
        return this.#meets(life) ? this.#start(pod, life) : undefined;
      case 'running':
        return this.#run(pod, life);
      case 'ended':
        return undefined;
    }
  }

  /** The node of a pod is lost: the pod garbage collector ends and deletes it; its finalizer keeps it. */
  lose(index: number): void {
    const pod = this.#at(index);
    if (pod !== undefined && stageOf(pod) !== 'ended') this.#collect(pod);
  }

  /** Somebody takes a pod away by force, finalizer and all, of which there is a record. */
  vanish(index: number): void {
    const pod = this.#at(index);
    const task = pod === undefined ? undefined : this.#taskOf(pod);
    if (pod !== undefined && task?.status?.podUID === pod.metadata.uid) this.#store.dropPod(pod.metadata.name);
  }

  #at(index: number): Pod | undefined {
    const names = [...this.#store.pods.keys()];
    return this.#store.pods.get(names[index % Math.max(names.length, 1)] ?? '');
  }

  #collect(pod: Pod): void {
    const condition = this.#disruption('DeletionByPodGC');
    const conditions = [...(pod.status?.conditions ?? []), condition];
    this.#store.putPod({ ...pod, status: { ...pod.status, phase: 'Failed', conditions } });
    this.#store.deletePod(pod.metadata.name, pod.metadata.uid, 0);
  }

  #disruption(reason: string) {
    return { type: 'DisruptionTarget', status: 'True' as const, reason, message: '', lastTransitionTime: this.#now };
  }

  #taskOf(pod: Pod): Task | undefined {
    const ref = taskOfObject(pod);
    const task = this.#store.tasks.get(ref?.name ?? '');
    return task?.metadata.uid === ref?.uid ? task : undefined;
  }

  #bind(pod: Pod): void {
    const lastTransitionTime = timestamp(this.#store.time);
    const conditions = [{ type: 'PodScheduled', status: 'True' as const, lastTransitionTime }];
    this.#store.putPod({ ...pod, spec: { ...pod.spec, nodeName: 'node-1' }, status: { phase: 'Pending', conditions } });
  }

  #hold(pod: Pod): void {
    const name = pod.spec.initContainers?.at(-1)?.name ?? 'barrier';
    const initContainerStatuses = [status(name, { running: { startedAt: this.#now } })];
    this.#store.putPod({ ...pod, status: { ...pod.status, phase: 'Pending', initContainerStatuses } });
  }

  /** The barrier opens when all that start together have come to it at the same time; it stays open for them. */
  #meets(life: Life): boolean {
    if (life.passed) return true;
    const { key = '', members = 0 } = life.together ?? {};
    const there = [...this.#lives].filter(([name, other]) => {
      const peer = this.#store.pods.get(name);
      return other.together?.key === key && peer !== undefined && !isDeleted(peer) && stageOf(peer) === 'held';
    });
    if (there.length < members) return false;
    for (const [, other] of there) other.passed = true;
    return life.passed;
  }

  #start(pod: Pod, life: Life): void {
    const { outcome } = life;
    const name = userOf(pod);
    const waiting = (reason: string) =>
      this.#store.putPod({
        ...pod,
        status: { ...pod.status, containerStatuses: [status(name, { waiting: { reason, message: 'not found' } })] },
      });
    if (outcome.kind === 'imagePull') return waiting('ErrImagePull');
    for (const [other, { taskName }] of this.#lives) {
      const peer = this.#store.pods.get(other);
      if (
        taskName === life.taskName &&
        other !== pod.metadata.name &&
        peer !== undefined &&
        stageOf(peer) === 'running'
      ) {
        this.#store.violate(`${pod.metadata.name}: runs while ${other}, of the same task, does`);
      }
    }
    if (life.together !== undefined && !life.passed) this.#store.violate(`${pod.metadata.name}: passed no barrier`);
    this.#store.putPod({
      ...pod,
      status: {
        ...pod.status,
        phase: 'Running',
        startTime: this.#now,
        containerStatuses: [status(name, { running: { startedAt: this.#now } })],
      },
    });
  }

  #run(pod: Pod, { outcome }: Life): void {
    const store = this.#store;
    switch (outcome.kind) {
      case 'exit':
        return store.putPod(ended(pod, outcome.code, outcome.code === 0 ? 'Completed' : 'Error', this.#now));
      case 'oom':
        return store.putPod(ended(pod, 137, 'OOMKilled', this.#now));
      case 'evicted': {
        const { status: end, ...rest } = ended(pod, 137, 'Error', this.#now);
        return store.putPod({ ...rest, status: { ...end, reason: 'Evicted', message: 'The node was low on memory.' } });
      }
      case 'preempted':
        store.putPod({ ...pod, status: { ...pod.status, conditions: [this.#disruption('PreemptionByScheduler')] } });
        return store.deletePod(pod.metadata.name, pod.metadata.uid);
      case 'nodeLost':
        return this.#collect(pod);
      case 'imagePull':
      case 'forever':
        return undefined;
    }
  }

  /** A pod that is asked to go: first its command is killed, then the object goes when nobody holds it. */
  #terminate(pod: Pod): void {
    const stage = stageOf(pod);
    if (stage === 'running') return this.#store.putPod(ended(pod, 137, 'Error', this.#now));
    if (stage !== 'ended' && pod.spec.nodeName !== undefined) {
      return this.#store.putPod({ ...pod, status: { ...pod.status, phase: 'Failed' } });
    }
    if ((pod.metadata.finalizers ?? []).length === 0) this.#store.dropPod(pod.metadata.name);
  }

  /** As the node has it; what the apiserver and the scheduler say of the pod is theirs. */
  get #now(): string {
    return timestamp(Math.floor(this.#store.time) + this.#store.ahead.nodes);
  }
}

const isDeleted = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
const userOf = (pod: Pod): string => pod.spec.containers[0]?.name ?? '';

function stageOf({ spec, status: podStatus }: Pod): Stage {
  if (podStatus?.phase === 'Succeeded' || podStatus?.phase === 'Failed') return 'ended';
  if (podStatus?.phase === 'Running') return 'running';
  if (spec.nodeName === undefined) return 'queued';
  return (podStatus?.initContainerStatuses ?? []).length > 0 ? 'held' : 'bound';
}

function status(name: string, state: NonNullable<ContainerStatus['state']>): ContainerStatus {
  return { name, image: '', imageID: '', ready: false, restartCount: 0, state };
}

function ended(pod: Pod, exitCode: number, reason: string, now: string): Pod {
  const startedAt = pod.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? now;
  const state = { terminated: { exitCode, reason, startedAt, finishedAt: now } };
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
  return { ...pod, status: { ...pod.status, phase, containerStatuses: [status(userOf(pod), state)] } };
}
