import { SchedulerAnnotations, SchedulerLabels, SchedulerNames } from '@osmo/crds';
import { isLabelValue } from './names.ts';
import type { Task } from './task.ts';
import { subgroupOf } from './topology.ts';

/** What a scheduler wants to see on a pod. */
export interface SchedulerMarks {
  schedulerName?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/**
 * The marks for the scheduler that the pool names, for one pod of a group. Kubernetes' own scheduler needs none. A
 * `schedulerName` of the pool wins over the type's usual one.
 *
 * KAI and Run:AI read the queue from a label in some versions and from an annotation in others, so both carry it; a queue
 * name that is no label value goes on the annotations alone.
 *
 * @param podGroup name of the group's gang, a DNS label
 */
export function schedulerMarks(task: Task, podGroup: string): SchedulerMarks {
  const { type, schedulerName, queue } = task.spec.scheduling;
  const named = (usual?: string) => {
    const name = schedulerName ?? usual;
    return name === undefined ? {} : { schedulerName: name };
  };
  switch (type) {
    case 'Default':
      return { ...named(), labels: {}, annotations: {} };
    case 'KAI':
      return { ...named(SchedulerNames.kai), ...placed(gang(queue, podGroup), subgroupOf(task)) };
    case 'RunAI':
      return { ...named(SchedulerNames.runai), ...gang(queue, podGroup) };
    case 'Kueue':
      return { ...named(), ...kueue(task, podGroup) };
    case 'Volcano':
      return {
        ...named(SchedulerNames.volcano),
        labels: {},
        annotations: queue === undefined ? {} : { [SchedulerAnnotations.volcanoQueue]: queue },
      };
  }
}

function gang(queue: string | undefined, podGroup: string): Pick<SchedulerMarks, 'labels' | 'annotations'> {
  const marks = queue === undefined ? {} : { [SchedulerLabels.kaiQueue]: queue, [SchedulerLabels.runaiQueue]: queue };
  return {
    labels: queue !== undefined && isLabelValue(queue) ? marks : {},
    annotations: { ...marks, [SchedulerAnnotations.podGroupName]: podGroup },
  };
}

function placed(
  { labels, annotations }: Pick<SchedulerMarks, 'labels' | 'annotations'>,
  subgroup: string | undefined,
): Pick<SchedulerMarks, 'labels' | 'annotations'> {
  return {
    labels: { ...labels, ...(subgroup === undefined ? {} : { [SchedulerLabels.kaiSubgroup]: subgroup }) },
    annotations,
  };
}

function kueue(task: Task, podGroup: string): Pick<SchedulerMarks, 'labels' | 'annotations'> {
  const { size } = task.spec.group;
  const { queue } = task.spec.scheduling;
  return {
    labels: {
      ...(queue === undefined ? {} : { [SchedulerLabels.kueueQueue]: queue }),
      // No label for the priority: Kueue takes the PriorityClass of the pod, and would refuse a class of its own kind that isn't there.
      ...(size > 1 ? { [SchedulerLabels.kueuePodGroup]: podGroup } : {}),
    },
    annotations: size > 1 ? { [SchedulerAnnotations.kueueGroupTotal]: String(size) } : {},
  };
}
