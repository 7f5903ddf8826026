import { Labels } from '@osmo/crds';
import type { Pod, Secret, Service } from '@osmo/kube';
import { attemptOfPod, taskOfObject } from '../group/identity.ts';
import { planGroup } from '../group/plan.ts';
import { isFinished } from '../group/pod-facts.ts';
import type { PodGroup } from '../group/pod-group.ts';
import { unconfirmed } from '../group/removals.ts';
import { slimPod, slimTask } from '../group/slim.ts';
import { isRecorded } from '../group/status.ts';
import type { Task } from '../group/task.ts';
import { defaultLimits } from '../group/verdict.ts';
import type { GroupPlan, GroupWorld } from '../group/world.ts';
import { at, atDate } from './pods.ts';
import { progress, type Script } from './simulated-kubelet.ts';

export type { Script } from './simulated-kubelet.ts';

/** What becomes of the pods of each task: always the same, or by attempt, the last again and again. */
export type Scripts = Readonly<Record<string, Script | Script[]>>;

type Effect = () => void;

/**
 * A hub and a cluster with the rules that matter here: finalizers, deletion in two steps, creates that fail on an existing
 * name, a kubelet that runs scripts. The operator's memory can be lost between any two of its effects.
 */
export class Simulator {
  tasks: Task[] = [];
  pods: Pod[] = [];
  services: Service[] = [];
  secrets: Secret[] = [];
  podGroups: PodGroup[] = [];
  /** Seconds since the start. */
  time = 0;
  /** How often a pod was created, by Task UID and attempt. */
  readonly creations = new Map<string, number>();
  /** Everything that must never happen, as it happened. */
  readonly violations: string[] = [];
  /** Effects that have been done. */
  effects = 0;
  /** The operator dies in place of these effects. */
  readonly deaths = new Set<number>();
  readonly #scripts: Scripts;
  /** Writes of one kind are sent side by side: any order must do, also the other way round. */
  readonly #turned: boolean;
  #uids = 0;
  #gone = new Set<string>();
  #filesStored = new Set<string>();

  constructor(scripts: Scripts, { turned = false }: { turned?: boolean } = {}) {
    this.#scripts = scripts;
    this.#turned = turned;
  }

  world(): GroupWorld {
    return {
      now: atDate(this.time),
      tasks: structuredClone(this.tasks).map(slimTask),
      pods: structuredClone(this.pods).map(slimPod),
      services: structuredClone(this.services),
      podGroups: structuredClone(this.podGroups),
      gone: new Set(this.#gone),
      refusals: new Map(),
      delays: new Map(),
      filesStored: new Set(this.#filesStored),
      settings: { limits: defaultLimits, nodeLostSeconds: 300, taskRuntimeImage: 'task-runtime:test' },
    };
  }

  /** One reconcile; with `crashAfter` the operator dies after that many effects and forgets all that it only remembered. */
  reconcile(crashAfter = Number.POSITIVE_INFINITY): GroupPlan {
    const plan = planGroup(this.world());
    this.#checkGang(plan);
    const effects = this.#effects(plan);
    for (const [index, effect] of effects.entries()) {
      if (index >= crashAfter || this.deaths.delete(this.effects)) {
        this.#gone = new Set();
        this.#filesStored = new Set();
        break;
      }
      effect();
      this.effects += 1;
    }
    return plan;
  }

  /** Lets the kubelet (or the scheduler) take the next step of one pod. */
  step(index: number): void {
    const pod = this.pods[index % Math.max(this.pods.length, 1)];
    if (pod === undefined) return;
    const secrets = new Set(this.secrets.map(({ metadata }) => metadata.name));
    const next = progress(pod, { script: this.#script(pod), time: this.time, secrets });
    this.pods = this.pods.flatMap((other) => (other === pod ? (next === undefined ? [] : [next]) : [other]));
  }

  /** Deletes a pod as a person would. */
  deletePod(index: number): void {
    const pod = this.pods[index % Math.max(this.pods.length, 1)];
    if (pod !== undefined) this.#delete(pod);
  }

  /** Changes the spec of the Tasks as the hub does. */
  tell(change: Partial<Task['spec']>, only: (task: Task) => boolean = () => true): void {
    this.tasks = this.tasks.map((task) => (only(task) ? { ...task, spec: { ...task.spec, ...change } } : task));
  }

  /** Reconciles and lets every pod go on, with time passing, until nothing changes and nothing is waited for. */
  settle(rounds = 400): void {
    for (let round = 0; round < rounds; round += 1) {
      const before = this.#fingerprint();
      const { wakeAt } = this.reconcile();
      for (let index = this.pods.length - 1; index >= 0; index -= 1) this.step(index);
      this.time += 2;
      if (before !== this.#fingerprint()) continue;
      if (wakeAt === undefined) return;
      this.time = Math.max(this.time, Math.ceil((wakeAt.getTime() - atDate(0).getTime()) / 1000));
    }
    this.violations.push('never comes to rest');
  }

  /** Names of the pods, Services and gangs that are there. */
  left(): string[] {
    return [...this.pods, ...this.services, ...this.podGroups].map(({ metadata }) => metadata.name);
  }

  phases(): Record<string, string> {
    return Object.fromEntries(
      this.tasks.map(({ spec, status }) => [spec.taskName, `${status?.phase ?? ''} ${status?.reason ?? ''}`.trim()]),
    );
  }

  #effects(plan: GroupPlan): Effect[] {
    const statuses = this.#turned ? plan.statuses.toReversed() : plan.statuses;
    return [
      ...plan.create.services.map((service) => () => this.#createService(service)),
      ...plan.podGroups
        .filter((podGroup) => !this.#has(podGroup))
        .map((podGroup) => () => this.#applyPodGroup(podGroup)),
      ...plan.create.pods.map((pod) => () => this.#createPod(pod)),
      ...plan.create.secrets.map((secret) => () => this.#createSecret(secret)),
      ...plan.deletePods.map((pod) => () => this.#deleteByOperator(pod)),
      ...plan.killPods.map((pod) => () => this.#deleteByOperator(pod, 0)),
      ...plan.releasePods.map((pod) => () => this.#release(pod)),
      ...plan.deleteServices.map((service) => () => {
        this.services = this.services.filter(({ metadata }) => metadata.name !== service.metadata.name);
      }),
      ...plan.deletePodGroups.map((podGroup) => () => {
        this.podGroups = this.podGroups.filter(({ metadata }) => metadata.name !== podGroup.metadata.name);
      }),
      ...statuses.map(
        ({ task, status }) =>
          () =>
            this.#write(task, status),
      ),
      ...unconfirmed(this.world()).map(({ uid }) => () => {
        if (!this.tasks.some(({ metadata }) => metadata.uid === uid)) this.#gone.add(uid);
      }),
    ];
  }

  #createPod(pod: Pod): void {
    if (this.pods.some(({ metadata }) => metadata.name === pod.metadata.name)) return;
    const ref = taskOfObject(pod);
    const task = this.tasks.find(({ metadata }) => metadata.uid === ref?.uid);
    const size = task?.spec.group.size;
    if (size !== undefined && this.tasks.length !== size) this.violations.push(`${pod.metadata.name}: half a group`);
    if (task !== undefined && (task.status?.attempt ?? 0) !== attemptOfPod(pod)) {
      this.violations.push(`${pod.metadata.name}: created before its attempt is on record`);
    }
    const overlap = this.pods.some(
      (other) => taskOfObject(other)?.uid === ref?.uid && !isFinished(other) && this.#isInTime(other),
    );
    if (overlap) this.violations.push(`${pod.metadata.name}: created beside the pod of another attempt`);
    const run = `${ref?.uid}/${attemptOfPod(pod)}`;
    this.creations.set(run, (this.creations.get(run) ?? 0) + 1);
    this.#uids += 1;
    const metadata = { ...pod.metadata, uid: `pod-${this.#uids}`, creationTimestamp: at(this.time) };
    this.pods.push({ ...structuredClone(pod), metadata, status: { phase: 'Pending' } });
  }

  #createService(service: Service): void {
    if (this.services.some(({ metadata }) => metadata.name === service.metadata.name)) return;
    this.services.push(structuredClone(service));
  }

  #applyPodGroup(podGroup: PodGroup): void {
    const others = this.podGroups.filter(({ metadata }) => metadata.name !== podGroup.metadata.name);
    this.podGroups = [...others, structuredClone(podGroup)];
  }

  #has(podGroup: PodGroup): boolean {
    return this.podGroups.some((other) => JSON.stringify(other) === JSON.stringify(podGroup));
  }

  /** KAI gives no pod of a gang a node, and evicts those that have one, while fewer than `minMember` are there. */
  #checkGang({ create, podGroups, statuses, deletePods, killPods }: GroupPlan): void {
    const alive = this.pods.filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined);
    const [gang] = this.podGroups;
    const isAtRest = [create.pods, statuses, deletePods, killPods].every(({ length }) => length === 0);
    const isSame = podGroups.every((podGroup) => this.#has(podGroup));
    if (gang === undefined || !isAtRest || !isSame || alive.length === 0) return;
    const { minMember = 0, subGroups = [] } = gang.spec;
    const wanted = subGroups.reduce((sum, part) => sum + (part.minMember ?? 0), minMember);
    if (wanted > alive.length) this.violations.push(`a gang of ${wanted} has ${alive.length} pods`);
  }

  #createSecret(secret: Secret): void {
    this.#filesStored.add(secret.metadata.ownerReferences?.[0]?.uid ?? '');
    if (this.secrets.some(({ metadata }) => metadata.name === secret.metadata.name)) return;
    this.secrets.push(structuredClone(secret));
  }

  #taskOf(pod: Pod): Task | undefined {
    return this.tasks.find(({ metadata }) => metadata.uid === pod.metadata.labels?.[Labels.taskUid]);
  }

  #isInTime({ metadata: { deletionTimestamp } }: Pod): boolean {
    return deletionTimestamp === undefined || Date.parse(deletionTimestamp) > atDate(this.time).getTime();
  }

  #isSettled(pod: Pod): boolean {
    const task = this.#taskOf(pod);
    return task === undefined || isRecorded(task) || attemptOfPod(pod) < (task.status?.attempt ?? 0);
  }

  #deleteByOperator(pod: Pod, grace?: number): void {
    if (!this.#isSettled(pod)) this.violations.push(`${pod.metadata.name}: deleted before recorded`);
    this.#delete(pod, grace);
  }

  #delete(pod: Pod, seconds = 30): void {
    const grace = pod.spec.nodeName === undefined ? 0 : seconds;
    this.pods = this.pods.map((other) =>
      other.metadata.name !== pod.metadata.name || (other.metadata.deletionGracePeriodSeconds ?? 99) <= grace
        ? other
        : {
            ...other,
            metadata: {
              ...other.metadata,
              deletionTimestamp: at(this.time + grace),
              deletionGracePeriodSeconds: grace,
            },
          },
    );
  }

  #release(pod: Pod): void {
    if (!this.#isSettled(pod)) this.violations.push(`${pod.metadata.name}: released before recorded`);
    this.pods = this.pods.map((other) =>
      other.metadata.name === pod.metadata.name ? { ...other, metadata: { ...other.metadata, finalizers: [] } } : other,
    );
  }

  #write(task: Task, status: NonNullable<Task['status']>): void {
    const ranks = ['Pending', 'Scheduling', 'Initializing', 'Running', 'Completed'];
    const rank = (phase = 'Pending') => ranks.indexOf(phase === 'Failed' ? 'Completed' : phase);
    this.tasks = this.tasks.map((other) => {
      if (other.metadata.uid !== task.metadata.uid) return other;
      const { name } = other.metadata;
      const { attempt = 0, run = 0, phase } = other.status ?? {};
      if (isRecorded(other)) this.violations.push(`${name}: written after its end`);
      if (status.attempt < attempt || (status.run ?? 0) < run) this.violations.push(`${name}: counted back`);
      const same = status.attempt === attempt && (status.run ?? 0) === run;
      if (same && rank(status.phase) < rank(phase)) this.violations.push(`${name}: went back`);
      if ((status.attempts?.length ?? 0) > 16) this.violations.push(`${name}: remembers too much`);
      return { ...other, status: structuredClone(status) };
    });
  }

  #script(pod: Pod): Script | undefined {
    const scripts = this.#scripts[pod.spec.containers[0]?.name ?? ''];
    return Array.isArray(scripts) ? (scripts[attemptOfPod(pod)] ?? scripts.at(-1)) : scripts;
  }

  #fingerprint(): string {
    const objects = [this.tasks, this.pods, this.services, this.secrets, this.podGroups];
    return JSON.stringify([...objects, [...this.#gone], this.deaths.size]);
  }
}
