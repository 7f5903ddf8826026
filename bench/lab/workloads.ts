import type { Workflow, WorkflowSpecInput } from '@osmo/crds';
import type { KubeClient, Pod } from '@osmo/kube';
import { Workflows } from './kinds.ts';

const image = 'busybox';
const command = ['sh', '-c', 'true'];

/** A task with nothing to do. */
export const task = (name: string, extra: object = {}): NonNullable<WorkflowSpecInput['tasks']>[number] => ({
  name,
  image,
  command,
  ...extra,
});

/** A pod with nothing to do, without anything that we would add: the least that a task can cost. */
export const barePod = (namespace: string, name: string, line: readonly string[] = command): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image,
        command: [...line],
        imagePullPolicy: 'IfNotPresent',
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
      },
    ],
  },
});

/** Creates a workflow. The server's refusal is the error. */
export async function submit(
  client: KubeClient,
  { namespace, name }: { namespace: string; name: string },
  spec: WorkflowSpecInput,
): Promise<void> {
  const object = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name, namespace }, spec };
  // The server fills in the defaults that the type of a stored workflow has.
  await client.create(Workflows, object as unknown as Workflow);
}

/** Whether a workflow has ended. @throws Error with its status when it did not end well. */
export function completed({ metadata, status }: Workflow): boolean {
  if (status?.phase === 'Failed') {
    throw new Error(`workflow ${metadata.name} failed: ${status.reason ?? ''} ${status.message ?? ''}`);
  }
  return status?.phase === 'Completed';
}

/** Whether a pod has ended. */
export const ended = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
