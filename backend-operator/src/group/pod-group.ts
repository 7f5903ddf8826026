import { Annotations, Labels } from '@osmo/crds';
import { type KubeObject, type ResourceType, resourceType } from '@osmo/kube';
import { isAlone } from './attempts.ts';
import { groupOfTask, groupUuid } from './identity.ts';
import { podAnnotations, podLabels } from './marks.ts';
import { isFinished } from './pod-facts.ts';
import { pick } from './service.ts';
import { isOver } from './status.ts';
import type { Task } from './task.ts';
import { type SubGroup, subgroupsOfAll } from './topology.ts';
import type { Member } from './world.ts';

/** A gang as KAI and Run:AI know it: so many of its pods get nodes together, or none does. */
export interface PodGroup extends KubeObject {
  spec: { minMember?: number; queue?: string; priorityClassName?: string; subGroups?: SubGroup[] };
}

/**
 * The kind of KAI's gangs. Pods that name one are nobody else's to group, and get no node before it is there: KAI's own
 * grouper passes over a pod without an owner that carries the annotation.
 */
export const PodGroups: ResourceType<PodGroup> = resourceType<PodGroup>({
  group: 'scheduling.run.ai',
  version: 'v2alpha2',
  kind: 'PodGroup',
  plural: 'podgroups',
  namespaced: true,
});

/** Name of the group's gang, by which its pods name it: upstream's, the group's UUID. */
export function podGroupNameOf(task: Task): string {
  return groupUuid(groupOfTask(task));
}

/** Whether the pods of a task name a gang that has to be made for them. */
export function hasPodGroup({ spec: { scheduling } }: Task): boolean {
  return scheduling.type === 'KAI' || scheduling.type === 'RunAI';
}

/**
 * The gang of a group as it should be now; undefined where the scheduler has none, or as long as nobody of the group has a
 * pod or is about to get one.
 *
 * `minMember` is the number of tasks that run or start, not the group's size: KAI counts no pod that has ended, would wait
 * for ever with the pod of a task that is tried again beside a finished peer, and evicts a gang that has fallen below it.
 *
 * Where tasks are to be close to each other the numbers are those of its parts, and it has none of its own.
 *
 * @param members those of the whole group
 * @param creating names of the pods that are created now
 */
export function podGroupFor(members: readonly Member[], creating: ReadonlySet<string>): PodGroup | undefined {
  const task = members[0]?.task;
  const gang = members.filter((member) => isOfGang(member, creating)).map((member) => member.task);
  if (task === undefined || !hasPodGroup(task) || gang.length === 0) return undefined;
  const subGroups = subgroupsOfAll(gang);
  const { queue, priorityClassName } = task.spec.scheduling;
  const { namespace } = task.metadata;
  return {
    apiVersion: `${PodGroups.group}/${PodGroups.version}`,
    kind: PodGroups.kind,
    metadata: {
      name: podGroupNameOf(task),
      ...(namespace === undefined ? {} : { namespace }),
      labels: pick(podLabels(task, 0), [
        Labels.backend,
        Labels.workflow,
        Labels.workflowUid,
        Labels.group,
        Labels.pool,
        Labels.taskUid,
      ]),
      annotations: pick(podAnnotations(task, ''), [Annotations.taskNamespace, Annotations.group, Labels.task]),
    },
    spec: {
      ...(subGroups.length === 0 ? { minMember: gang.length } : { subGroups }),
      ...(queue === undefined ? {} : { queue }),
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
    },
  };
}

/** Who starts together counts before its pod is there; who is tried again alone, after a pause, only with it. */
function isOfGang({ task, pod, wanted, status }: Member, creating: ReadonlySet<string>): boolean {
  if (isOver(status.phase)) return false;
  if (wanted === undefined) return pod !== undefined && !isFinished(pod);
  return !isAlone(task) || creating.has(wanted.metadata.name);
}
