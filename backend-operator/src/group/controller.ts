import {
  both,
  type Change,
  type ControllerDefinition,
  defineController,
  type Key,
  type KubeObject,
  NameTakenError,
  Pod,
  Secret,
  Service,
  watching,
} from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import { type GroupKey, groupKeyString, groupOfObject, groupOfTask, serviceNameOf, taskOfObject } from './identity.ts';
import { serviceDelay, serviceKey } from './ledger.ts';
import { podNameOfTask } from './members.ts';
import { type GroupSources, observeGroup } from './observe.ts';
import { planGroup } from './plan.ts';
import { toPlan } from './to-plan.ts';
import type { GroupWorld } from './world.ts';

/** Longest pause between two tries of a pod that the cluster doesn't take for now, in ms. */
const longestPauseMs = 30_000;

/**
 * Runs groups: whenever a Task, pod, Service or gang of a group changes, the group's world is read and planned anew. Keys are
 * groups, `namespace/workflow UID/group`.
 */
export function groupController(sources: GroupSources, workers: number): ControllerDefinition<KubeObject, GroupWorld> {
  const { caches, ledger, gone } = sources;
  caches.tasks.onChange(({ old, new: task }) => {
    // What was said about the pod of an attempt is of no use for the next one.
    if (old === undefined || (task !== undefined && podNameOfTask(task) === podNameOfTask(old))) return;
    ledger.forget(podNameOfTask(old), old.status?.podUID);
    ledger.forget(serviceKey(serviceNameOf(old)), undefined);
  });
  caches.pods.onChange(({ old, new: pod }) => {
    if (pod !== undefined || old === undefined) return;
    ledger.forget(old.metadata.name, old.metadata.uid);
    gone.forget(taskOfObject(old)?.uid ?? '');
  });
  const forget = ({ old, new: object }: Change) => {
    if (object === undefined && old !== undefined) gone.forget(taskOfObject(old)?.uid ?? '');
  };
  caches.services.onChange(forget);
  caches.podGroups.onChange(forget);
  return defineController<KubeObject, GroupWorld>({
    name: 'group',
    watches: [
      watching({ on: Clusters.hub, informer: caches.tasks, enqueue: both((task) => keyOfGroup(groupOfTask(task))) }),
      watching({ on: Clusters.cluster, informer: caches.pods, enqueue: both((pod) => keyOfGroup(groupOfObject(pod))) }),
      watching({
        on: Clusters.cluster,
        informer: caches.services,
        enqueue: both((service) => keyOfGroup(groupOfObject(service))),
      }),
      watching({
        on: Clusters.cluster,
        informer: caches.podGroups,
        enqueue: both((podGroup) => keyOfGroup(groupOfObject(podGroup))),
      }),
    ],
    observe: (key, context) => observeGroup(key, context, sources),
    plan: (world) => toPlan(planGroup(world)),
    // The client has noted why; what can't ever work is planned with at once, the rest is tried again.
    refused: (_, write, error) => {
      if (write.kind !== 'apply') return false;
      const { object } = write.desired;
      if (error instanceof NameTakenError && object.kind === Pod.kind)
        ledger.delays.set(object.metadata.name, error.message);
      if (error instanceof NameTakenError && object.kind === Service.kind)
        ledger.delays.set(serviceKey(object.metadata.name), serviceDelay(object, error.message));
      return isNoted(object, ledger.refusals);
    },
    backoff: { baseMs: 5, maxMs: longestPauseMs },
    workers,
  });
}

function isNoted({ kind, metadata }: KubeObject, refusals: ReadonlyMap<string, string>): boolean {
  if (kind === Service.kind) return refusals.has(serviceKey(metadata.name));
  const pod = kind === Secret.kind ? metadata.ownerReferences?.[0]?.name : metadata.name;
  return (kind === Pod.kind || kind === Secret.kind) && refusals.has(pod ?? '');
}

/** The key of a group in the controller's queue. */
export function keyOfGroup(key: GroupKey | undefined): Key | undefined {
  return key === undefined ? undefined : { namespace: key.namespace, name: groupKeyString(key) };
}
