import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Task, TaskSpec } from '@osmo/crds';
import { Tasks } from '../kinds.ts';
import { type KubeClient, Pod, Secret, Service } from '@osmo/kube';
import { newNamespace } from '@osmo/kube/testing';
import { connect, removeNamespace } from '../testing/real-cluster.ts';
import { newGroup, newTask } from '../testing/tasks.ts';
import { filesSecretFor } from './files.ts';
import { planGroup } from './plan.ts';
import { podFor } from './pod.ts';
import { serviceFor } from './service.ts';
import { defaultLimits } from './verdict.ts';

const strict = { fieldValidation: 'Strict', dryRun: true } as const;

/** Specs that exercise every part of the pod builder. */
const specs: [string, Partial<TaskSpec>][] = [
  ['plain', {}],
  ['nothing asked', { resources: {} }],
  ['GPUs', { resources: { cpu: '500m', memory: '1.5Gi', storage: 1000000000, gpu: 8 } }],
  [
    'files, inputs, credentials',
    {
      files: [
        { path: '/run.sh', contents: 'echo', base64: false },
        { path: '/osmo/data/output/x', contents: 'aGk=', base64: true },
      ],
      inputs: [{ task: { name: 'a' } }, { task: { name: 'b' } }],
      credentials: [
        { name: 'c', env: [{ name: 'C', key: 'k' }] },
        { name: 'd.e', mountPath: '/d' },
      ],
    },
  ],
  [
    "the node's own things",
    { volumeMounts: [{ hostPath: '/data', mountPath: '/data' }], privileged: true, hostNetwork: true },
  ],
  ['KAI', { scheduling: { type: 'KAI', queue: 'osmo-pool-team-default' } }],
  ['Run:AI', { scheduling: { type: 'RunAI', queue: 'q' } }],
  ['Kueue', { scheduling: { type: 'Kueue', queue: 'q' } }],
  ['Volcano', { scheduling: { type: 'Volcano', queue: 'q' } }],
  [
    'placement',
    {
      scheduling: {
        type: 'Default',
        nodeSelector: { a: 'b' },
        tolerations: [{ key: 'gpu', operator: 'Exists' }],
        nodesExcluded: ['n1', 'n2'],
      },
    },
  ],
  [
    'a template',
    {
      podTemplate: {
        metadata: { annotations: { note: '{{WF_ID}}' } },
        spec: {
          containers: [
            { name: '{{USER_CONTAINER_NAME}}', volumeMounts: [{ name: 'dshm', mountPath: '/dev/shm' }] },
            { name: 'proxy', image: 'proxy:1' },
          ],
          volumes: [{ name: 'dshm', emptyDir: { medium: 'Memory', sizeLimit: '{{USER_MEMORY}}' } }],
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: 'x', operator: 'NotIn', values: '{{USER_EXCLUDED_NODES}}' }] },
                ],
              },
            },
          },
        },
      },
      scheduling: { type: 'Default', nodesExcluded: ['n1'] },
    },
  ],
];

describe('a real apiserver takes what the operator writes', () => {
  let client: KubeClient;
  let namespace: string;

  beforeAll(async () => {
    client = await connect();
    namespace = await newNamespace(client, 'accepted');
  });
  afterAll(async () => {
    await removeNamespace(client, namespace);
    await client.close();
  });

  const placed = (task: Task): Task => ({ ...task, metadata: { ...task.metadata, namespace } });
  const build = (task: Task) => podFor(task, { namespace, attempt: 0, nodeLostSeconds: 300 });

  test.each(specs)('the pod of a task: %s', async (_, spec) => {
    const task = placed(newTask({ spec }));
    const pod = await client.create(Pod, build(task), strict);
    expect(pod.spec).toMatchObject({
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
    });
    const tolerated = pod.spec.tolerations?.filter(({ key }) => key?.startsWith('node.kubernetes.io/'));
    expect(tolerated?.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([300, 300]);
  });

  test('the longest names that a Task can have', async () => {
    const name = 'a'.repeat(63);
    const task = placed(
      newTask({
        name,
        group: { name: 'g'.repeat(128), size: 2 },
        spec: { workflow: { name, uid: '5f0c4f7e-6a52-4f0a-8a1b-1d2c3b4a5968' } },
      }),
    );
    await client.create(Pod, build(task), strict);
    await client.create(Service, serviceFor(task, namespace) as Service, strict);
  });

  test('the Service and the files of a group', async () => {
    const [task] = newGroup(2, {}, { files: [{ path: '/a', contents: 'x', base64: false }] }).map(placed) as [Task];
    await client.create(Service, serviceFor(task, namespace) as Service, strict);
    const pod = { ...build(task), metadata: { ...build(task).metadata, uid: '0b6a8b8e-2f3c-4a1e-9a55-6a1f1f0c9d10' } };
    await client.create(Secret, filesSecretFor(task, pod) as Secret, strict);
  });

  test('the status of a Task, for every story of the table', async () => {
    const { metadata, ...rest } = placed(newTask());
    const created = await client.create(Tasks, {
      ...rest,
      metadata: { name: metadata.name, namespace, labels: metadata.labels ?? {} },
    });
    const pod: Pod = {
      ...build(created),
      metadata: { ...build(created).metadata, uid: 'a', creationTimestamp: '2026-03-01T10:00:00Z' },
    };
    const bound = { ...pod, spec: { ...pod.spec, nodeName: 'n' } };
    const statuses: Pod['status'][] = [
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no node' }],
      },
      {
        phase: 'Running',
        podIP: '10.0.0.1',
        containerStatuses: [
          {
            name: 'train',
            ready: true,
            restartCount: 0,
            image: 'i',
            imageID: 'sha256:1',
            state: { running: { startedAt: '2026-03-01T10:00:02Z' } },
          },
        ],
      },
      {
        phase: 'Failed',
        containerStatuses: [
          {
            name: 'train',
            ready: false,
            restartCount: 0,
            image: 'i',
            imageID: 'sha256:1',
            state: {
              terminated: {
                exitCode: 3,
                reason: 'Error',
                message: 'x'.repeat(9000),
                startedAt: '2026-03-01T10:00:02Z',
                finishedAt: '2026-03-01T10:00:03Z',
              },
            },
          },
        ],
      },
    ];
    let task = created;
    for (const status of statuses) {
      const world = {
        now: new Date('2026-03-01T10:01:00Z'),
        tasks: [task],
        pods: [{ ...bound, status: status ?? {} }],
        services: [],
        gone: new Set<string>(),
        refusals: new Map<string, string>(),
        delays: new Map<string, string>(),
        filesStored: new Set<string>(),
        settings: { limits: defaultLimits, nodeLostSeconds: 300, taskRuntimeImage: 'task-runtime:test' },
      };
      const [write] = planGroup(world).statuses;
      task = await client.apply(
        Tasks,
        {
          apiVersion: task.apiVersion,
          kind: task.kind,
          metadata: { name: task.metadata.name, namespace },
          status: write?.status ?? {},
        },
        { fieldManager: 'osmo-backend-operator', force: true, subresource: 'status', fieldValidation: 'Strict' },
      );
      expect(task.status).toEqual(write?.status);
    }
    expect(task.status).toMatchObject({
      phase: 'Failed',
      reason: 'Error',
      exitCode: 3,
      startTime: '2026-03-01T10:00:02Z',
    });
  });
});
