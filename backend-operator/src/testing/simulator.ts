import { Labels } from '@osmo/crds';
import type { Pod, Secret, Service } from '@osmo/kube';
import { attemptOfPod, taskOfObject } from '../group/identity.ts';
import { planGroup } from '../group/plan.ts';
import { unconfirmed } from '../group/removals.ts';
import { slimPod, slimTask } from '../group/slim.ts';
import { isOver, isRecorded } from '../group/status.ts';
import type { Task } from '../group/task.ts';
import { defaultLimits } from '../group/verdict.ts';
import type { GroupPlan, GroupWorld } from '../group/world.ts';
import { at, atDate, condition } from './pods.ts';

/** What a task's process does once it runs: ends with a code, or runs until it is killed. */
export type Script = { exit: number } | 'forever' | 'bad image';

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
  /** Seconds since the start. */
  time = 0;
  /** How often a pod was created, by Task UID and attempt. */
  readonly creations = new Map<string, number>();
  /** Everything that must never happen, as it happened. */
  readonly violations: string[] = [];
  readonly #scripts: Readonly<Record<string, Script>>;
  #uids = 0;
  #gone = new Set<string>();
  #filesStored = new Set<string>();

  constructor(scripts: Readonly<Record<string, Script>>) {
    this.#scripts = scripts;
  }

  world(): GroupWorld {
    return {
      now: atDate(this.time),
      tasks: structuredClone(this.tasks).map(slimTask),
      pods: structuredClone(this.pods).map(slimPod),
      services: structuredClone(this.services),
      gone: new Set(this.#gone),
      refusals: new Map(),
      delays: new Map(),
      filesStored: new Set(this.#filesStored),
      settings: { limits: defaultLimits, nodeLostSeconds: 300 },
    };
  }

  /** One reconcile; with `crashAfter` the operator dies after that many effects and forgets all that it only remembered. */
  reconcile(crashAfter = Number.POSITIVE_INFINITY): GroupPlan {
    const plan = planGroup(this.world());
    const effects = this.#effects(plan);
    for (const effect of effects.slice(0, crashAfter)) effect();
    if (crashAfter < effects.length) {
      this.#gone = new Set();
      this.#filesStored = new Set();
    }
    return plan;
  }

  /** Lets the kubelet (or the scheduler) take the next step of one pod. */
  step(index: number): void {
    const pod = this.pods[index % Math.max(this.pods.length, 1)];
    if (pod === undefined) return;
    const next = this.#progress(pod);
    this.pods = this.pods.flatMap((other) => (other === pod ? (next === undefined ? [] : [next]) : [other]));
  }

  /** Deletes a pod as a person would. */
  deletePod(index: number): void {
    const pod = this.pods[index % Math.max(this.pods.length, 1)];
    if (pod !== undefined) this.#delete(pod);
  }

  /** Reconciles and lets every pod go on until nothing changes, with time passing; at most `rounds` times. */
  settle(rounds = 60): void {
    for (let round = 0; round < rounds; round += 1) {
      const before = this.#fingerprint();
      this.reconcile();
      for (let index = this.pods.length - 1; index >= 0; index -= 1) this.step(index);
      this.time += 2;
      if (before === this.#fingerprint()) return;
    }
    this.violations.push('never comes to rest');
  }

  /** Names of the pods and Services that are there. */
  left(): string[] {
    return [...this.pods, ...this.services].map(({ metadata }) => metadata.name);
  }

  phases(): Record<string, string> {
    return Object.fromEntries(
      this.tasks.map(({ spec, status }) => [spec.taskName, `${status?.phase ?? ''} ${status?.reason ?? ''}`.trim()]),
    );
  }

  #effects(plan: GroupPlan): Effect[] {
    return [
      ...plan.create.services.map((service) => () => this.#createService(service)),
      ...plan.create.pods.map((pod) => () => this.#createPod(pod)),
      ...plan.create.secrets.map((secret) => () => this.#createSecret(secret)),
      ...plan.deletePods.map((pod) => () => this.#deleteByOperator(pod)),
      ...plan.releasePods.map((pod) => () => this.#release(pod)),
      ...plan.deleteServices.map((service) => () => {
        this.services = this.services.filter(({ metadata }) => metadata.name !== service.metadata.name);
      }),
      ...plan.statuses.map(
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
    const size = this.tasks.find(({ metadata }) => metadata.uid === ref?.uid)?.spec.group.size;
    if (size !== undefined && this.tasks.length !== size) this.violations.push(`${pod.metadata.name}: half a group`);
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

  #createSecret(secret: Secret): void {
    this.#filesStored.add(secret.metadata.ownerReferences?.[0]?.uid ?? '');
    if (this.secrets.some(({ metadata }) => metadata.name === secret.metadata.name)) return;
    this.secrets.push(structuredClone(secret));
  }

  #taskOf(pod: Pod): Task | undefined {
    return this.tasks.find(({ metadata }) => metadata.uid === pod.metadata.labels?.[Labels.taskUid]);
  }

  #deleteByOperator(pod: Pod): void {
    const task = this.#taskOf(pod);
    if (task !== undefined && !isRecorded(task)) this.violations.push(`${pod.metadata.name}: deleted before recorded`);
    this.#delete(pod);
  }

  #delete(pod: Pod): void {
    const grace = pod.spec.nodeName === undefined ? 0 : 30;
    this.pods = this.pods.map((other) =>
      other.metadata.name !== pod.metadata.name || other.metadata.deletionTimestamp !== undefined
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
    const task = this.#taskOf(pod);
    if (task !== undefined && !isRecorded(task)) this.violations.push(`${pod.metadata.name}: released before recorded`);
    this.pods = this.pods.map((other) =>
      other.metadata.name === pod.metadata.name ? { ...other, metadata: { ...other.metadata, finalizers: [] } } : other,
    );
  }

  #write(task: Task, status: NonNullable<Task['status']>): void {
    const ranks = ['Pending', 'Scheduling', 'Initializing', 'Running', 'Completed'];
    const rank = (phase = 'Pending') => ranks.indexOf(phase === 'Failed' ? 'Completed' : phase);
    this.tasks = this.tasks.map((other) => {
      if (other.metadata.uid !== task.metadata.uid) return other;
      if (isRecorded(other)) this.violations.push(`${other.metadata.name}: written after its end`);
      if (rank(status.phase) < rank(other.status?.phase)) this.violations.push(`${other.metadata.name}: went back`);
      return { ...other, status: structuredClone(status) };
    });
  }

  /** The next state of a pod; undefined when it is gone. */
  #progress(pod: Pod): Pod | undefined {
    const { phase } = pod.status ?? {};
    const ended = phase === 'Succeeded' || phase === 'Failed';
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (!ended && pod.spec.nodeName !== undefined) return this.#end(pod, 137);
      return (pod.metadata.finalizers ?? []).length === 0 ? undefined : pod;
    }
    if (ended) return pod;
    if (pod.spec.nodeName === undefined) return this.#bind(pod);
    if (phase === 'Pending') return this.#start(pod);
    const script = this.#scripts[this.#name(pod)];
    return typeof script === 'object' ? this.#end(pod, script.exit) : pod;
  }

  #name(pod: Pod): string {
    return pod.spec.containers[0]?.name ?? '';
  }

  #bind(pod: Pod): Pod {
    const conditions = [condition('PodScheduled', 'True', this.time)];
    return { ...pod, spec: { ...pod.spec, nodeName: 'node-1' }, status: { phase: 'Pending', conditions } };
  }

  #start(pod: Pod): Pod {
    const name = this.#name(pod);
    const base = { name, image: '', imageID: '', ready: false, restartCount: 0 };
    if (this.#scripts[name] === 'bad image') {
      const state = { waiting: { reason: 'ErrImagePull', message: 'not found' } };
      return { ...pod, status: { ...pod.status, containerStatuses: [{ ...base, state }] } };
    }
    const files = pod.spec.volumes?.find((volume) => volume.name === 'osmo-files')?.secret?.secretName;
    if (files !== undefined && !this.secrets.some(({ metadata }) => metadata.name === files)) return pod;
    const state = { running: { startedAt: at(this.time) } };
    return { ...pod, status: { ...pod.status, phase: 'Running', containerStatuses: [{ ...base, state }] } };
  }

  #end(pod: Pod, exitCode: number): Pod {
    const startedAt = pod.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? at(this.time);
    const state = {
      terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt, finishedAt: at(this.time) },
    };
    const containerStatuses = [{ name: this.#name(pod), image: '', imageID: '', ready: false, restartCount: 0, state }];
    return { ...pod, status: { ...pod.status, phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses } };
  }

  #fingerprint(): string {
    const running = this.tasks.filter(({ status }) => !isOver(status?.phase)).length;
    return JSON.stringify([
      this.tasks,
      this.pods,
      this.services,
      this.secrets,
      [...this.#gone],
      running > 0 && this.time < 20 ? this.time : 0,
    ]);
  }
}
