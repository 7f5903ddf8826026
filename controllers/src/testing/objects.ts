import { Api, ConditionTypes } from '@osmo/crds';
import type { Backend, Platform, PlatformSpec, Pool, PoolSpec, TaskTemplate, Workflow, WorkflowSpec } from '@osmo/crds';

/** A task as the apiserver returns it, with defaults filled in. */
export function template(name: string, more: Partial<TaskTemplate> = {}): TaskTemplate {
  return {
    name,
    image: 'busybox',
    command: ['true'],
    lead: false,
    resource: 'default',
    privileged: false,
    hostNetwork: false,
    ...more,
  };
}

/** A task that waits for others. */
export function after(name: string, ...upstream: string[]): TaskTemplate {
  return template(name, { inputs: upstream.map((task) => ({ task: { name: task } })) });
}

/** A workflow of the namespace 'lab', created at noon. */
export function workflow(spec: Partial<WorkflowSpec>, name = 'wf'): Workflow {
  return {
    apiVersion: Api.apiVersion,
    kind: 'Workflow',
    metadata: {
      name,
      namespace: 'lab',
      uid: `uid-of-${name}`,
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T12:00:00Z',
    },
    spec: { pool: 'default', priority: 'Normal', ...spec },
  };
}

/** A pool on backend 'local' without platforms. */
export function pool(spec: Partial<PoolSpec> = {}, name = 'default'): Pool {
  return {
    apiVersion: Api.apiVersion,
    kind: 'Pool',
    metadata: { name, uid: `uid-of-pool-${name}`, generation: 1, resourceVersion: '1' },
    spec: {
      backend: 'local',
      platforms: [],
      maintenance: false,
      scheduler: { type: 'Default' },
      defaultResources: { cpu: '1', memory: '1Gi', storage: '1Gi', gpu: 0 },
      ...spec,
    },
  };
}

export function platform(spec: Partial<PlatformSpec> = {}, name = 'cpu'): Platform {
  return {
    apiVersion: Api.apiVersion,
    kind: 'Platform',
    metadata: { name, uid: `uid-of-platform-${name}`, generation: 1, resourceVersion: '1' },
    spec: { privilegedAllowed: false, hostNetworkAllowed: false, ...spec },
  };
}

/** A connected backend with one node of 4 CPUs and 8 GiB. */
export function backend(name = 'local', status: Partial<NonNullable<Backend['status']>> = {}): Backend {
  const allocatable = { cpu: '4', memory: '8Gi', storage: '50Gi', gpu: 0 };
  return {
    apiVersion: Api.apiVersion,
    kind: 'Backend',
    metadata: { name, uid: `uid-of-backend-${name}`, generation: 1, resourceVersion: '1' },
    spec: {},
    status: {
      conditions: [
        {
          type: ConditionTypes.connected,
          status: 'True',
          reason: 'Heartbeat',
          message: '',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
      shapes: [{ id: 'small', count: 1, available: 1, labels: {}, taints: [], allocatable }],
      ...status,
    },
  };
}
