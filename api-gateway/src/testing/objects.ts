import { Annotations, type Task, type TaskStatus, type Workflow, type WorkflowStatus } from '@osmo/crds';

const apiVersion = 'osmo.dev/v1alpha1';

/** A workflow of two tasks, the second of which needs the first. */
export function workflowOf(name: string, extra: { spec?: object; status?: object; metadata?: object } = {}): Workflow {
  return {
    apiVersion,
    kind: 'Workflow',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: { [Annotations.submittedBy]: 'ada' },
      ...extra.metadata,
    },
    spec: {
      pool: 'default',
      priority: 'Normal',
      tasks: [
        { name: 'first', image: 'busybox', command: ['true'], lead: false },
        { name: 'second', image: 'busybox', command: ['true'], lead: false, inputs: [{ task: { name: 'first' } }] },
      ],
      ...extra.spec,
    },
    ...(extra.status !== undefined && { status: extra.status as WorkflowStatus }),
  } as unknown as Workflow;
}

/** A Task of such a workflow, alone in its group. */
export function taskOf(workflow: Workflow, name: string, status: Partial<TaskStatus>, spec: object = {}): Task {
  return {
    apiVersion,
    kind: 'Task',
    metadata: {
      name: `${workflow.metadata.name}.${name}`,
      namespace: workflow.metadata.namespace,
      uid: `uid-${workflow.metadata.name}.${name}`,
      creationTimestamp: '2026-01-01T00:00:01Z',
    },
    spec: {
      workflow: { name: workflow.metadata.name, uid: workflow.metadata.uid },
      taskName: name,
      lead: true,
      group: { name: `${name}-group`, size: 1, barrier: true, ignoreNonleadStatus: true },
      backend: 'default',
      pool: workflow.spec.pool,
      priority: workflow.spec.priority,
      resources: { cpu: '2', memory: '4Gi', gpu: 1 },
      ...spec,
    },
    status: { attempt: 0, conditions: [], ...status },
  } as unknown as Task;
}
