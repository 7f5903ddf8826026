import { Annotations, type Task, type Workflow } from '@osmo/crds';
import { type KubeClient, Namespace } from '@osmo/kube';
import { newNamespace } from '@osmo/kube/testing';
import { Backends, Platforms, Pools, Tasks, Workflows } from '../kinds.ts';
import { grant, type Rule } from '../testing/rights.ts';

const apiVersion = 'osmo.dev/v1alpha1';
/** Where the backend shows its work. */
export const dashboards = 'https://dashboards.example.com';

/** What the recorded requests are about: a pool with nodes, and workflows that ended, run and failed. */
export interface World extends AsyncDisposable {
  namespace: string;
  /** Who makes the requests, and may do everything in the namespace and with pools. */
  user: string;
  /** Id of the shape of nodes, as resources name it. */
  node: string;
  workflows: { ended: string; running: string; failed: string };
}

/** Makes that world in an apiserver. */
export async function newWorld(admin: KubeClient): Promise<World> {
  const namespace = await newNamespace(admin, 'contract');
  const undo: (() => Promise<unknown>)[] = [() => admin.delete(Namespace, { name: namespace })];
  const user = `ada@${namespace}.example.com`;
  const own = (resources: string[], verbs: string[]): Rule => ({ apiGroups: ['osmo.dev'], resources, verbs });
  const subject = { kind: 'User', name: user } as const;
  const everything = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
  undo.push(
    await grant(
      admin,
      namespace,
      subject,
      [own(['workflows', 'tasks', 'workflows/log', 'credentials'], everything)],
      namespace,
    ),
    await grant(admin, namespace, subject, [
      own(['pools', 'platforms', 'backends', 'users'], [...everything, 'use', 'manage']),
      own(['accesstokens'], ['create']),
    ]),
  );
  await hardware(admin, namespace, undo);
  const workflows = { ended: 'ended-1', running: 'running-1', failed: 'failed-1' };
  const make = (name: string, phases: [string, string], extra: object = {}) =>
    newWorkflow(admin, { name, namespace, user, phases, extra });
  await make(workflows.ended, ['Completed', 'Completed'], { labels: { team: 'arms' } });
  await make(workflows.running, ['Running', 'Running'], { priority: 'High' });
  await make(workflows.failed, ['Failed', 'Failed']);
  return {
    namespace,
    user,
    node: `${namespace}-big`,
    workflows,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(undo.map((each) => each()));
    },
  };
}

async function hardware(admin: KubeClient, name: string, undo: (() => Promise<unknown>)[]): Promise<void> {
  const head = (kind: string) => ({ apiVersion, kind, metadata: { name } });
  const kind = { 'example.com/kind': name };
  const spec = { dashboardURL: `${dashboards}/d?id={{workflow_uuid}}`, grafanaURL: `${dashboards}/g?ns={{namespace}}` };
  await admin.create(Backends, { ...head('Backend'), spec } as never);
  await admin.create(Platforms, {
    ...head('Platform'),
    spec: { nodeSelector: kind, allowedMounts: ['/data'], privilegedAllowed: true },
  } as never);
  await admin.create(Pools, {
    ...head('Pool'),
    spec: { backend: name, platforms: [name], defaultPlatform: name, description: 'of the contract' },
  } as never);
  for (const type of [Pools, Platforms, Backends] as const)
    undo.push(() => admin.delete(type as typeof Pools, { name }));
  const allocatable = { cpu: '3920m', memory: '32Gi', storage: '100Gi', gpu: 4 };
  const shapes = [{ id: 'big', count: 3, available: 2, labels: kind, taints: [], allocatable }];
  const body = { status: { conditions: [], shapes } };
  await admin.patch(Backends, { name }, { kind: 'merge', body }, { subresource: 'status' });
}

interface NewWorkflow {
  name: string;
  namespace: string;
  user: string;
  /** Of the workflow, and of its first task. */
  phases: [string, string];
  extra: object;
}

async function newWorkflow(admin: KubeClient, { name, namespace, user, phases, extra }: NewWorkflow): Promise<void> {
  const [phase, taskPhase] = phases;
  const command = { image: 'busybox', command: ['true'] };
  const workflow = await admin.create(Workflows, {
    apiVersion,
    kind: 'Workflow',
    metadata: { name, namespace, annotations: { [Annotations.submittedBy]: user } },
    spec: {
      pool: namespace,
      tasks: [
        { name: 'first', ...command },
        { name: 'second', ...command, inputs: [{ task: { name: 'first' } }] },
      ],
      ...extra,
    },
  } as unknown as Workflow);
  const { uid = '' } = workflow.metadata;
  const owner = { apiVersion, kind: 'Workflow', name, uid, controller: true };
  const ref = { name: `${name}.first`, namespace };
  await admin.create(Tasks, {
    apiVersion,
    kind: 'Task',
    metadata: { ...ref, ownerReferences: [owner] },
    spec: {
      workflow: { name, uid },
      taskName: 'first',
      lead: true,
      group: { name: 'first-group', size: 1, barrier: true, ignoreNonleadStatus: true },
      backend: namespace,
      pool: namespace,
      platform: namespace,
      priority: 'Normal',
      submittedBy: user,
      scheduling: { type: 'Default' },
      resources: { cpu: '500m', memory: '1Gi', storage: '2Gi', gpu: 1 },
      ...command,
    },
  } as unknown as Task);
  const isOver = phase !== 'Running';
  const times = {
    startTime: '2026-01-01T10:00:00Z',
    ...(isOver && { completionTime: '2026-01-01T10:05:00Z' }),
  };
  const set = (status: object) => ({ kind: 'merge' as const, body: { status } });
  const reason = phase === 'Failed' ? { reason: 'Error', message: 'exit code 1' } : {};
  const subresource = { subresource: 'status' } as const;
  const taskStatus = { phase: taskPhase, conditions: [], attempt: 0, nodeName: 'node-1', podName: 'pod-1', ...times };
  await admin.patch(Tasks, ref, set({ ...taskStatus, ...reason }), subresource);
  await admin.patch(Workflows, { name, namespace }, set({ phase, conditions: [], ...times, ...reason }), subresource);
}
