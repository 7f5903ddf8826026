import { Finalizers, Labels } from '@osmo/crds';
import { Tasks } from '../kinds.ts';
import {
  type Desired,
  type KubeObject,
  type Plan,
  Pod,
  type Removal,
  type ResourceType,
  Secret,
  Service,
  type StatusWrite,
} from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import { PodGroups } from './pod-group.ts';
import { commandGrace } from './grace.ts';
import { logEvents } from './log-events.ts';
import { taskEvents } from './task-events.ts';
import type { GroupPlan } from './world.ts';

/** The group's plan in the words of the runtime: what to write, where, in which order. */
export function toPlan({
  create,
  podGroups,
  deletePods,
  killPods,
  releasePods,
  incompleteLogs,
  deleteServices,
  deletePodGroups,
  statuses,
  wakeAt,
}: GroupPlan): Plan {
  const services = create.services.map((service) => creation(Service, service, Labels.workflowUid));
  // Without it they would start and never find each other; a name that is looked up too early would be cached as unknown.
  const [after] = services;
  return {
    apply: [
      ...services,
      ...podGroups.map((object) => ({ on: Clusters.cluster, mode: 'apply' as const, type: PodGroups, object })),
      ...create.pods.map((pod) => ({
        ...creation(Pod, pod, Labels.taskUid),
        ...(after === undefined ? {} : { after }),
      })),
      ...create.secrets.map((secret) => creation(Secret, secret, Labels.taskUid)),
    ],
    remove: [
      ...deletePods.map((pod) => ({ ...removal(Pod, pod), ...graceOf(pod) })),
      ...killPods.map((pod) => ({ ...removal(Pod, pod), gracePeriodSeconds: 0 })),
      ...releasePods.map((pod) => ({ ...removal(Pod, pod), removeFinalizer: Finalizers.podResult })),
      ...deleteServices.map((service) => removal(Service, service)),
      ...deletePodGroups.map((podGroup) => removal(PodGroups, podGroup)),
    ],
    statuses: statuses.map(({ task, status }): StatusWrite => ({
      on: Clusters.hub,
      type: Tasks,
      object: task,
      status,
    })),
    events: [
      ...statuses.flatMap(({ task, status }) => taskEvents(task, status)),
      ...incompleteLogs.flatMap((pod) => logEvents(pod, 'it could not be stored in time')),
    ],
    ...(wakeAt === undefined ? {} : { wakeAt }),
  };
}

/** Of a pod that uploads, only its command gets time when it is deleted. */
function graceOf(pod: Pod): { gracePeriodSeconds?: number } {
  const seconds = commandGrace(pod);
  return seconds === undefined ? {} : { gracePeriodSeconds: seconds };
}

function creation(type: ResourceType, object: KubeObject, identityLabel: string): Desired {
  return { on: Clusters.cluster, mode: 'create', type, object, identityLabel };
}

function removal(type: ResourceType, { metadata: { namespace, name, uid } }: KubeObject): Removal {
  return {
    on: Clusters.cluster,
    type,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
}
