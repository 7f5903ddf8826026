import { beforeAll, describe, expect, test } from '@jest/globals';
import { isNotFound, Pod, Secret } from '@osmo/kube';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster } from './harness/connect.ts';
import {
  endOf,
  type Ending,
  type Lab,
  newLab,
  podsOf,
  shell,
  submit,
  tasksOf,
  taskWhen,
  Workflows,
} from './harness/lab.ts';

/** One way for a task to end on a real node. */
interface Outcome {
  name: string;
  task: ReturnType<typeof shell>;
  resources?: { memory?: string; storage?: string };
  phase: 'Completed' | 'Failed';
  reason: string;
  exitCodes: readonly number[];
  /** Something a person can act on. */
  message?: RegExp;
  /** Done to the running task from outside. */
  interfere?: (lab: Lab, podName: string) => Promise<unknown>;
}

/** What the cluster did isn't tried again. */
const once = { maxInfrastructureRetries: 0 };

const outcomes: readonly Outcome[] = [
  { name: 'success', task: shell('t', 'exit 0'), phase: 'Completed', reason: 'Completed', exitCodes: [0] },
  { name: 'exit-3', task: shell('t', 'exit 3'), phase: 'Failed', reason: 'Error', exitCodes: [3], message: /3/ },
  {
    name: 'killed-by-itself',
    // The first process of a container is immune to signals from inside, its children aren't.
    task: shell('t', 'sleep 60 & kill -9 $!; wait $!'),
    phase: 'Failed',
    reason: 'Error',
    exitCodes: [137],
  },
  {
    name: 'out-of-memory',
    task: {
      name: 't',
      image: 'python:3.11-slim',
      command: ['python3', '-c', 'block = bytearray(256 << 20); print(sum(block))'],
    },
    resources: { memory: '48Mi' },
    phase: 'Failed',
    reason: 'OOMKilled',
    exitCodes: [3004],
    message: /OOMKilled/,
  },
  {
    name: 'no-such-image',
    task: { name: 't', image: 'docker.io/library/no-such-image:1', command: ['true'], retryPolicy: once },
    phase: 'Failed',
    reason: 'ImagePull',
    exitCodes: [301, 302],
    message: /no-such-image/,
  },
  {
    name: 'no-such-command',
    task: { name: 't', image: 'busybox', command: ['/no/such/program'] },
    phase: 'Failed',
    reason: 'StartError',
    exitCodes: [3003],
    message: /no such file/i,
  },
  {
    name: 'too-much-storage',
    task: shell('t', 'dd if=/dev/zero of=/big bs=1M count=64 && sleep 300'),
    resources: { storage: '16Mi' },
    phase: 'Failed',
    reason: 'Evicted',
    exitCodes: [3004],
    message: /storage/i,
  },
  {
    name: 'pod-deleted',
    task: shell('t', 'sleep 300', { retryPolicy: once }),
    phase: 'Failed',
    reason: 'BackendError',
    exitCodes: [3001],
    message: /delet/i,
    interfere: (lab, name) => lab.client.delete(Pod, { name, namespace: lab.namespace }, { gracePeriodSeconds: 1 }),
  },
];

const ignoreMissing = (error: unknown): void => {
  if (!isNotFound(error)) throw error;
};

let lab: Lab;
let endings: ReadonlyMap<string, Ending>;

beforeAll(async () => {
  lab = await newLab(await connectToCluster(), 'e2e-outcomes');
  await Promise.all(outcomes.map(start));
  const all = outcomes.map(async ({ name }) => [name, await endOf(lab, name, 480_000)] as const);
  endings = new Map(await Promise.all(all));
}, 600_000);

async function start({ name, task, resources, interfere }: Outcome): Promise<void> {
  await submit(lab, name, { tasks: [task], ...(resources && { resources: [{ name: 'default', ...resources }] }) });
  if (interfere === undefined) return;
  const running = await taskWhen(lab, name, 't', ['Running']);
  await interfere(lab, running.status!.podName!);
}

describe('how a task ended on a real node', () => {
  test.each(outcomes)('$name is $reason with its exit code', ({ name, phase, reason, exitCodes, message }) => {
    const { workflow, tasks } = endings.get(name)!;
    const status = tasks.get('t')!.status!;
    expect(status).toMatchObject({ phase, attempt: 0 });
    if (phase === 'Failed') expect(status.reason).toBe(reason);
    expect(exitCodes).toContain(status.exitCode);
    expect(status.message ?? '').toMatch(message ?? /(?:)/);
    expect(workflow.status!.phase).toBe(phase);
    if (phase === 'Failed') expect(workflow.status!.reason).toBe(reason);
    expect(status.conditions?.find((condition) => condition.type === 'Succeeded')?.status).toBe(
      phase === 'Completed' ? 'True' : 'False',
    );
  });

  test('a task that ran says where and when', () => {
    const status = endings.get('exit-3')!.tasks.get('t')!.status!;
    expect(status.nodeName).toBeTruthy();
    expect(status.podNamespace).toBe(lab.namespace);
    expect(Date.parse(status.completionTime!)).toBeGreaterThanOrEqual(Date.parse(status.startTime!));
  });
});

describe('a task that needs a Secret which is not there', () => {
  const name = 'late-secret';
  test('says which one, and runs as soon as it is there', async () => {
    const metadata = { name: 'late', namespace: lab.namespace };
    await lab.client.delete(Secret, metadata).catch(ignoreMissing);
    const credentials = [{ name: 'late', env: [{ name: 'TOKEN', key: 'token' }] }];
    await submit(lab, name, { tasks: [shell('t', 'test "$TOKEN" = abc', { credentials })] });
    const waiting = await poll(
      'the task to say what it waits for',
      async () => (await tasksOf(lab, name)).find((task) => task.status?.reason === 'CreateContainerConfigError'),
      { timeoutMs: 180_000 },
    );
    expect(waiting.status).toMatchObject({ phase: 'Scheduling', message: expect.stringContaining('"late"') });
    await lab.client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token: 'abc' } });
    const { workflow, tasks } = await endOf(lab, name);
    expect(workflow.status!.phase).toBe('Completed');
    expect(tasks.get('t')!.status).toMatchObject({ phase: 'Completed', attempt: 0 });
  }, 600_000);
});

describe('the pod of a task', () => {
  const name = 'pod-shape';
  let pod: Pod;
  beforeAll(async () => {
    await submit(lab, name, {
      labels: { team: 'arms' },
      priority: 'High',
      resources: [{ name: 'default', cpu: '50m', memory: '32Mi', storage: '64Mi' }],
      tasks: [shell('sort', 'true', { env: [{ name: 'GREETING', value: 'hello world' }] })],
    });
    await endOf(lab, name);
    const found = (await podsOf(lab)).find((item) => item.metadata.labels?.['osmo.workflow_id'] === name);
    expect(found).toBeDefined();
    pod = found!;
  });

  test('carries the labels that upstream’s users select by', async () => {
    const workflow = await lab.client.get(Workflows, { name, namespace: lab.namespace });
    const task = (await tasksOf(lab, name)).find((item) => item.spec.taskName === 'sort');
    expect(pod.metadata.labels).toMatchObject({
      'osmo.workflow_id': name,
      'osmo.workflow_uuid': workflow.metadata.uid,
      'osmo.task_name': 'sort',
      'osmo.task_uuid': task!.metadata.uid,
      'osmo.retry_id': '0',
      'osmo.lead_container': expect.stringMatching(/^(true|false)$/),
      'osmo.pool': 'default',
      'osmo.platform': 'default',
      'osmo.priority': 'high',
      team: 'arms',
    });
  });
  test('asks for what the workflow’s resource says, and may not use more', () => {
    const container = pod.spec.containers[0]!;
    expect(container.resources).toMatchObject({
      requests: { cpu: '50m', memory: '32Mi', 'ephemeral-storage': '64Mi' },
      limits: { memory: '32Mi', 'ephemeral-storage': '64Mi' },
    });
    expect(container.env).toEqual(expect.arrayContaining([{ name: 'GREETING', value: 'hello world' }]));
    expect(pod.spec.restartPolicy).toBe('Never');
  });
  test('goes when its workflow is deleted', async () => {
    await lab.client.delete(Workflows, { name, namespace: lab.namespace });
    const gone = async (): Promise<true | undefined> =>
      (await podsOf(lab)).some((item) => item.metadata.uid === pod.metadata.uid) ? undefined : true;
    await poll('the pod to go', gone, { timeoutMs: 180_000 });
  });
});
