import type { Task, Workflow, WorkflowSpecInput } from '@osmo/crds';
import { isAlreadyExists, type KubeClient, type KubeObject, Namespace, Pod, resourceType } from '@osmo/kube';
import { poll } from '../../hack/cluster/system/poll.ts';

const own = { group: 'osmo.dev', version: 'v1alpha1', namespaced: true } as const;
export const Workflows = resourceType<Workflow>({ ...own, kind: 'Workflow', plural: 'workflows' });
export const Tasks = resourceType<Task>({ ...own, kind: 'Task', plural: 'tasks' });

/** A namespace of its own for the workflows of one test file. */
export interface Lab {
  client: KubeClient;
  namespace: string;
}

/** A workflow that has ended, and its tasks by the name they have in the recipe. */
export interface Ending {
  workflow: Workflow;
  tasks: ReadonlyMap<string, Task>;
}

/**
 * Makes the namespace; one that a former run left is emptied of workflows. The apiserver holds its pods to the Pod Security
 * Standard `baseline`, as docs/install.md recommends, unless the tasks mount what lies on the node.
 */
export async function newLab(
  client: KubeClient,
  namespace: string,
  podSecurity: 'baseline' | 'privileged' = 'baseline',
): Promise<Lab> {
  const metadata = { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': podSecurity } };
  try {
    await client.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await clear({ client, namespace });
  }
  return { client, namespace };
}

/** Creates a workflow. The server's refusal is the error. */
export async function submit(lab: Lab, name: string, spec: WorkflowSpecInput): Promise<Workflow> {
  const object = {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace: lab.namespace },
    spec,
  };
  return lab.client.create(Workflows, object as unknown as Workflow);
}

/** A task that runs a shell line in busybox. */
export const shell = (
  name: string,
  line: string,
  extra: object = {},
): NonNullable<WorkflowSpecInput['tasks']>[number] => ({
  name,
  image: 'busybox',
  command: ['sh', '-c', line],
  ...extra,
});

/** Waits for a workflow to be in a state; the message when time is up has its status. */
export async function workflowWhen(
  lab: Lab,
  name: string,
  what: string,
  is: (workflow: Workflow) => boolean,
  timeoutMs = 240_000,
): Promise<Workflow> {
  return poll(
    `workflow ${name}: ${what}`,
    async () => {
      const workflow = await lab.client.get(Workflows, { name, namespace: lab.namespace });
      if (is(workflow)) return workflow;
      throw new Error(JSON.stringify(workflow.status));
    },
    { timeoutMs },
  );
}

/** Waits until a workflow has ended, however it did. */
export async function endOf(lab: Lab, name: string, timeoutMs = 240_000): Promise<Ending> {
  const over = (workflow: Workflow): boolean => ['Completed', 'Failed'].includes(workflow.status?.phase ?? '');
  const workflow = await workflowWhen(lab, name, 'its end', over, timeoutMs);
  return { workflow, tasks: new Map((await tasksOf(lab, name)).map((task) => [task.spec.taskName, task])) };
}

/** The Tasks of a workflow that exist now. */
export async function tasksOf(lab: Lab, workflow: string): Promise<Task[]> {
  const { items } = await lab.client.list(Tasks, { namespace: lab.namespace });
  return items.filter((task) => task.spec.workflow.name === workflow);
}

/** Waits until a task's phase is one of those named, and gives it. */
export async function taskWhen(
  lab: Lab,
  workflow: string,
  taskName: string,
  phases: readonly string[],
  timeoutMs = 240_000,
): Promise<Task> {
  return poll(
    `task ${workflow}/${taskName}: phase ${phases.join(' or ')}`,
    async () => {
      const task = (await tasksOf(lab, workflow)).find((item) => item.spec.taskName === taskName);
      if (task && phases.includes(task.status?.phase ?? 'Pending')) return task;
      throw new Error(JSON.stringify(task?.status));
    },
    { timeoutMs },
  );
}

/** The pods of the namespace, including those that are on their way out. */
export async function podsOf(lab: Lab): Promise<Pod[]> {
  return (await lab.client.list(Pod, { namespace: lab.namespace })).items;
}

/** Deletes all workflows of the namespace and waits until no task and no pod of theirs is left. */
export async function clear(lab: Lab, timeoutMs = 240_000): Promise<void> {
  await lab.client.deleteCollection(Workflows, { namespace: lab.namespace, propagationPolicy: 'Background' });
  await empty(lab, timeoutMs);
}

/** Waits until the namespace has neither workflows nor tasks nor pods. */
export async function empty(lab: Lab, timeoutMs = 240_000): Promise<void> {
  await poll(
    `namespace ${lab.namespace}: nothing left`,
    async () => {
      const { namespace } = lab;
      const kinds = [Workflows, Tasks, Pod] as const;
      const lists = await Promise.all(kinds.map((kind) => lab.client.list<KubeObject>(kind as never, { namespace })));
      const left = lists.flatMap((list) => list.items.map((item) => `${item.kind} ${item.metadata.name}`));
      if (left.length === 0) return true;
      throw new Error(left.slice(0, 5).join(', '));
    },
    { timeoutMs },
  );
}
