import { Labels, type TaskSpec } from '@osmo/crds';
import { labelValue } from '../group/names.ts';
import type { Task, TaskStatus } from '../group/task.ts';
import { at, image } from './pods.ts';

export interface TaskWish {
  name?: string;
  uid?: string;
  group?: Partial<TaskSpec['group']>;
  spec?: Partial<TaskSpec>;
  status?: TaskStatus;
  deletionTimestamp?: string;
}

export const workflowUid = '5f0c4f7e-6a52-4f0a-8a1b-1d2c3b4a5968';

/** A UID that ends with the number. */
export function uid(n: number): string {
  return `a1b2c3d4-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** A Task as the hub's controllers create it: a group of one, unless the wish says else. */
export function newTask(wish: TaskWish = {}): Task {
  const { name = 'train', spec = {}, status } = wish;
  const workflow = spec.workflow?.name ?? 'hello';
  const body: TaskSpec = {
    workflow: { name: workflow, uid: workflowUid },
    taskName: name,
    lead: true,
    group: { name: `${name}-group`, size: 1, barrier: true, ignoreNonleadStatus: true, ...wish.group },
    backend: 'east',
    pool: 'default',
    platform: 'cpu',
    priority: 'Normal',
    scheduling: { type: 'Default' },
    resources: { cpu: '1', memory: '1Gi', storage: '2Gi', gpu: 0 },
    image,
    command: ['python', '-c', 'print(1)'],
    privileged: false,
    hostNetwork: false,
    ...spec,
  };
  return {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Task',
    metadata: {
      name: `${workflow}.${name}`,
      namespace: 'team-a',
      uid: wish.uid ?? uid(1),
      generation: 1,
      creationTimestamp: at(0),
      labels: {
        [Labels.backend]: 'east',
        [Labels.workflowUid]: body.workflow.uid,
        [Labels.group]: labelValue(body.group.name),
        [Labels.pool]: 'default',
      },
      ...(wish.deletionTimestamp === undefined ? {} : { deletionTimestamp: wish.deletionTimestamp }),
    },
    spec: body,
    ...(status === undefined ? {} : { status }),
  };
}

/** The Tasks of a group of `size` tasks; the first leads. */
export function newGroup(size: number, group: Partial<TaskSpec['group']> = {}, spec: Partial<TaskSpec> = {}): Task[] {
  return Array.from({ length: size }, (_, index) =>
    newTask({
      name: index === 0 ? 'lead' : `peer-${index}`,
      uid: uid(index + 1),
      group: { name: 'all', size, ...group },
      spec: { lead: index === 0, ...spec },
    }),
  );
}
