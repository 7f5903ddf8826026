import { describe, expect, test } from '@jest/globals';
import type { TaskSpec } from '@osmo/crds';
import type { Pod } from '@osmo/kube';
import fc from 'fast-check';
import { newGroup, newTask } from '../testing/tasks.ts';
import { fileData, filesSecretFor } from './files.ts';
import { groupOfObject, groupOfTask, taskOfObject } from './identity.ts';
import { isLabelValue } from './names.ts';
import { podFor } from './pod.ts';
import { serviceFor } from './service.ts';
import type { Task } from './task.ts';

const build = (task: Task, attempt = 0) => podFor(task, { namespace: 'team-a', attempt, nodeLostSeconds: 300 });
const user = (pod: Pod) => pod.spec.containers.find(({ name }) => name === 'train');
const withSpec = (spec: Partial<TaskSpec>) => newTask({ spec });

describe('podFor', () => {
  test('a plain task', () => expect(build(newTask())).toMatchSnapshot());

  test.each([
    ['a few inputs have a volume each', 3, ['osmo-output', 'osmo-input-0', 'osmo-input-1', 'osmo-input-2']],
    ['thousands of inputs share one', 2000, ['osmo-output', 'osmo-input']],
  ])('%s', (_, count, want) => {
    const inputs = Array.from({ length: count }, (_unused, index) => ({ task: { name: `shard-${index}` } }));
    const pod = build(withSpec({ inputs }));
    expect(pod.spec.volumes?.map(({ name }) => name)).toEqual(want);
    expect(user(pod)?.volumeMounts?.map(({ name }) => name)).toEqual(want);
  });

  test('everything that a task can say', () => {
    const task = newTask({
      spec: {
        submittedBy: 'jo@example.com',
        labels: { team: 'robots', 'osmo.pool': 'not-this', 'osmo.submitted_by': 'ada', 'kai.scheduler/node-pool': 'b' },
        priority: 'High',
        scheduling: {
          type: 'KAI',
          queue: 'osmo-pool-team-a-default',
          nodeSelector: { accelerator: 'a100' },
          tolerations: [{ key: 'gpu', operator: 'Exists' }],
          priorityClassName: 'osmo-high',
          nodesExcluded: ['bad-1', 'bad-2'],
        },
        resources: { cpu: 4, memory: '16Gi', storage: '100Gi', gpu: 2 },
        args: ['--epochs', '3'],
        env: [{ name: 'A', value: '1' }],
        files: [
          { path: '/code/run.sh', contents: 'echo hi\n', base64: false },
          { path: '/osmo/data/output/x', contents: 'aGk=', base64: true },
        ],
        inputs: [{ task: { name: 'prepare' } }, { task: { name: 'more' } }],
        credentials: [
          { name: 'hub', env: [{ name: 'TOKEN', key: 'token' }] },
          { name: 'ssh', mountPath: '/home/u/.ssh' },
        ],
        volumeMounts: [{ hostPath: '/data', mountPath: '/mnt/data' }],
        privileged: true,
        hostNetwork: true,
        podTemplate: {
          metadata: { labels: { 'osmo.pool': 'nor-this', tier: 'gold' }, annotations: { note: '{{WF_ID}}' } },
          spec: {
            serviceAccountName: 'robots',
            automountServiceAccountToken: true,
            tolerations: [
              { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
            ],
            containers: [
              {
                name: '{{USER_CONTAINER_NAME}}',
                tty: true,
                volumeMounts: [{ name: 'dshm', mountPath: '/dev/shm' }],
                env: [{ name: 'A', value: 'x' }],
              },
              { name: 'proxy', image: 'proxy:1', resources: { limits: { cpu: '{{USER_CPU}}' } } },
            ],
            volumes: [{ name: 'dshm', emptyDir: { medium: 'Memory', sizeLimit: '{{USER_MEMORY}}' } }],
          },
        },
      },
    });
    expect(build(task)).toMatchSnapshot();
  });

  test('labels by which a pod would be somebody else’s, or take what the pool does not give, are left out', () => {
    const labels = { team: 'arms', 'osmo.submitted_by': 'ada', 'kai.scheduler/node-pool': 'b', 'osmo.dev/x': 'y' };
    const found = build(withSpec({ labels, submittedBy: 'system:serviceaccount:a:b' })).metadata.labels ?? {};
    expect(Object.keys(labels).filter((key) => key in found)).toEqual(['team']);
  });

  test('a task of a larger group can be found by its peers', () => {
    const [lead, peer] = newGroup(2) as [Task, Task];
    const pod = build(peer);
    const service = serviceFor(lead, 'team-a');
    expect(pod.spec).toMatchObject({ hostname: 'peer-1', subdomain: service?.metadata.name });
    expect(service).toMatchSnapshot();
    for (const [key, value] of Object.entries(service?.spec?.selector ?? {}))
      expect(pod.metadata.labels?.[key]).toBe(value);
    expect(serviceFor(newTask(), 'team-a')).toBeUndefined();
  });

  test('the hub may have resolved the names by which peers find each other', () => {
    const [lead] = newGroup(2, {}, { hostname: 'h0', subdomain: 'hello-all' }) as [Task];
    expect(build(lead).spec).toMatchObject({ hostname: 'h0', subdomain: 'hello-all' });
    expect(serviceFor(lead, 'team-a')?.metadata.name).toBe('hello-all');
  });

  test.each<[string, Partial<TaskSpec>, object, object]>([
    [
      'no GPU: none is visible, whatever the user says',
      { env: [{ name: 'NVIDIA_VISIBLE_DEVICES', value: 'all' }] },
      { env: [{ name: 'NVIDIA_VISIBLE_DEVICES', value: '' }] },
      {},
    ],
    [
      'GPUs: the image decides what it sees',
      { resources: { gpu: 1 } },
      { env: [], resources: { limits: { 'nvidia.com/gpu': '1' }, requests: { 'nvidia.com/gpu': '1' } } },
      {},
    ],
    ['nothing asked: no requests', { resources: {} }, { resources: { limits: {}, requests: {} } }, {}],
    [
      'the last of two variables of one name',
      {
        credentials: [{ name: 's', env: [{ name: 'A', key: 'k' }] }],
        env: [{ name: 'A', value: 'plain' }],
        resources: { gpu: 1 },
      },
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
      {},
    ],
    ['Run:AI', { scheduling: { type: 'RunAI', queue: 'q' } }, {}, { schedulerName: 'runai-scheduler' }],
    ['Volcano', { scheduling: { type: 'Volcano', queue: 'q' } }, {}, { schedulerName: 'volcano' }],
    ['a scheduler by name', { scheduling: { type: 'Default', schedulerName: 'mine' } }, {}, { schedulerName: 'mine' }],
  ])('%s', (_, spec, container, podSpec) => {
    const pod = build(withSpec(spec));
    expect(user(pod)).toMatchObject(container);
    expect(pod.spec).toMatchObject(podSpec);
  });

  test('queues: KAI and Run:AI read labels or annotations, Kueue labels, Volcano annotations', () => {
    const marks = (type: TaskSpec['scheduling']['type'], queue: string, size = 1) => {
      const { labels = {}, annotations = {} } = build(
        newTask({ group: { size }, spec: { scheduling: { type, queue } } }),
      ).metadata;
      const foreign = (map: Record<string, string>) =>
        Object.keys(map)
          .filter((key) => !/osmo|kubectl/.test(key))
          .toSorted();
      return [foreign(labels), foreign(annotations)];
    };
    const both = ['kai.scheduler/queue', 'runai/queue'];
    expect(marks('KAI', 'q')).toEqual([both, ['kai.scheduler/queue', 'pod-group-name', 'runai/queue']]);
    expect(marks('RunAI', 'no label/value')).toEqual([[], ['kai.scheduler/queue', 'pod-group-name', 'runai/queue']]);
    expect(marks('Kueue', 'q')).toEqual([['kueue.x-k8s.io/queue-name'], []]);
    expect(marks('Kueue', 'q', 2)).toEqual([
      ['kueue.x-k8s.io/pod-group-name', 'kueue.x-k8s.io/queue-name'],
      ['kueue.x-k8s.io/pod-group-total-count'],
    ]);
    expect(marks('Volcano', 'q')).toEqual([[], ['scheduling.volcano.sh/queue-name']]);
    expect(marks('Default', 'q')).toEqual([[], []]);
  });

  test('excluded nodes join every alternative of the template', () => {
    const required = {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'a', operator: 'Exists' }] },
        { matchExpressions: [{ key: 'b', operator: 'Exists' }] },
      ],
    };
    const pod = build(
      withSpec({
        scheduling: { type: 'Default', nodesExcluded: ['n1'] },
        podTemplate: {
          spec: {
            affinity: { podAffinity: {}, nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
          },
        },
      }),
    );
    const matchFields = [{ key: 'metadata.name', operator: 'NotIn', values: ['n1'] }];
    expect(pod.spec.affinity).toEqual({
      podAffinity: {},
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: required.nodeSelectorTerms.map((term) => ({ ...term, matchFields })),
        },
      },
    });
  });

  test.each<[string, Partial<TaskSpec>, string]>([
    [
      'an unknown template variable',
      { podTemplate: { spec: { nodeName: '{{NODE}}' } } },
      'podTemplate.spec.nodeName: unknown variable {{NODE}}',
    ],
    [
      'base64 that is none',
      { files: [{ path: '/a', contents: 'a secret!', base64: true }] },
      'spec.files[0].contents: not base64, as base64: true says',
    ],
    [
      'files above what a Secret holds',
      {
        files: [
          { path: '/a', contents: 'x'.repeat(1024 * 1024), base64: false },
          { path: '/b', contents: 'x', base64: false },
        ],
      },
      'spec.files: 1048577 bytes in all, at most 1048576 are allowed',
    ],
  ])('refused: %s', (_, spec, message) => {
    expect(() => build(withSpec(spec))).toThrow(message);
    expect(() => build(withSpec(spec))).not.toThrow('secret');
  });

  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 });
  const anyTask = fc
    .record({
      taskName: word,
      group: word,
      workflow: word,
      pool: word,
      platform: word,
      submittedBy: word,
      secret: fc.string({ minLength: 12, maxLength: 40 }),
      attempt: fc.nat(99),
      size: fc.integer({ min: 1, max: 3 }),
    })
    .map((wish) => ({
      wish,
      task: newTask({
        name: wish.taskName,
        group: { name: wish.group, size: wish.size },
        spec: {
          workflow: { name: wish.workflow, uid: '5f0c4f7e-6a52-4f0a-8a1b-1d2c3b4a5968' },
          pool: wish.pool,
          platform: wish.platform,
          submittedBy: wish.submittedBy,
          files: [{ path: '/f', contents: `SECRET${wish.secret}`, base64: false }],
          env: [{ name: 'PASSWORD', value: `SECRET${wish.secret}` }],
        },
      }),
    }));

  test('laws: labels are always valid, names fit, no contents or values are on labels, annotations or volumes', () => {
    fc.assert(
      fc.property(anyTask, ({ task, wish }) => {
        const pod = build(task, wish.attempt);
        const service = serviceFor(task, 'team-a');
        for (const object of [pod, ...(service === undefined ? [] : [service])]) {
          for (const value of Object.values(object.metadata.labels ?? {})) expect(isLabelValue(value)).toBe(true);
          expect(object.metadata.name.length).toBeLessThanOrEqual(63);
          expect(JSON.stringify(object.metadata)).not.toContain('SECRET');
        }
        expect(JSON.stringify(pod.spec.volumes)).not.toContain('SECRET');
      }),
    );
  });

  test('laws: the same task has the same pod; a pod leads back to its task, group and attempt', () => {
    fc.assert(
      fc.property(anyTask, ({ task, wish }) => {
        const pod = build(task, wish.attempt);
        expect(pod).toEqual(build(structuredClone(task), wish.attempt));
        expect(taskOfObject(pod)).toEqual({ namespace: 'team-a', name: task.metadata.name, uid: task.metadata.uid });
        expect(groupOfObject(pod)).toEqual(groupOfTask(task));
      }),
    );
  });
});

describe('filesSecretFor', () => {
  const task = withSpec({
    files: [
      { path: '/a', contents: 'é\n', base64: false },
      { path: '/b', contents: 'aGk=\n', base64: true },
    ],
  });
  const pod = { ...build(task), metadata: { ...build(task).metadata, uid: 'pod-uid' } };

  test('holds the contents, belongs to the pod', () => {
    const secret = filesSecretFor(task, pod);
    expect(secret?.data).toEqual({ 'file-0': Buffer.from('é\n').toString('base64'), 'file-1': 'aGk=' });
    expect(secret?.metadata.ownerReferences).toEqual([
      { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: 'pod-uid' },
    ]);
    expect(secret?.immutable).toBe(true);
  });

  test('is what the pod mounts, each file at its own path', () => {
    const volume = pod.spec.volumes?.find(({ name }) => name === 'osmo-files');
    expect(volume?.secret?.secretName).toBe(filesSecretFor(task, pod)?.metadata.name);
    const mounts = user(pod)?.volumeMounts?.filter(({ name }) => name === 'osmo-files');
    expect(mounts?.map(({ mountPath, subPath }) => [mountPath, subPath])).toEqual([
      ['/a', 'file-0'],
      ['/b', 'file-1'],
    ]);
    expect(Object.keys(fileData(task))).toEqual(mounts?.map(({ subPath }) => subPath));
  });

  test('no files, no Secret', () => expect(filesSecretFor(newTask(), pod)).toBeUndefined());
});
