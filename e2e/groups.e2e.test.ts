import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Pool, WorkflowSpecInput } from '@osmo/crds';
import { isNotFound, Namespace, type Pod, resourceType, Secret } from '@osmo/kube';
import { poll } from '../hack/cluster/system/poll.ts';
import { readLog } from '../hack/demo/api.ts';
import { connectToCluster } from './harness/connect.ts';
import { endOf, type Lab, newLab, podsOf, shell, submit, tasksOf, taskWhen } from './harness/lab.ts';
import { processesOfPod } from './harness/processes.ts';

type Group = NonNullable<WorkflowSpecInput['groups']>[number];

const Pools = resourceType<Pool>({
  group: 'osmo.dev',
  version: 'v1alpha1',
  kind: 'Pool',
  plural: 'pools',
  namespaced: false,
});
const barrierName = 'osmo-barrier';
const patient = 180_000;

let lab: Lab;

beforeAll(async () => {
  lab = await newLab(await connectToCluster(), 'e2e-groups');
  // Commands learn which attempt they are.
  await makePool('e2e-groups', {
    containers: [{ name: '{{USER_CONTAINER_NAME}}', env: [{ name: 'ATTEMPT', value: '{{WF_RETRY_ID}}' }] }],
  });
}, 600_000);

/** A pool like the default one, with further fields of pods. */
async function makePool(name: string, podSpec: { containers: object[] } & Record<string, unknown>): Promise<void> {
  const { spec } = await lab.client.get(Pools, { name: 'default' });
  const [own = {}] = podSpec.containers;
  const container = { ...own, imagePullPolicy: 'IfNotPresent' };
  const podTemplate = { spec: { ...podSpec, containers: [container] } };
  const object = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Pool', metadata: { name }, spec: { ...spec, podTemplate } };
  await lab.client.apply(Pools, object, { fieldManager: 'osmo-e2e', force: true });
}

/** The node has only so much: a group of four must fit. */
const small = { name: 'default', cpu: '20m', memory: '32Mi' };

const start = (name: string, group: Partial<Group> & Pick<Group, 'tasks'>, more: Partial<WorkflowSpecInput> = {}) =>
  submit(lab, name, { pool: 'e2e-groups', resources: [small], groups: [{ name: 'g', ...group }], ...more });

/** The pods of a workflow by the names of their tasks; of several attempts the last. */
async function podsByTask(workflow: string): Promise<Map<string, Pod>> {
  const pods = (await podsOf(lab)).filter(({ metadata }) => metadata.labels?.['osmo.workflow_id'] === workflow);
  const attempt = ({ metadata }: Pod) => Number(metadata.labels?.['osmo.retry_id']);
  return new Map(
    pods.toSorted((a, b) => attempt(a) - attempt(b)).map((pod) => [pod.metadata.labels?.['osmo.task_name'] ?? '', pod]),
  );
}

const barrierOf = (pod: Pod | undefined) =>
  pod?.status?.initContainerStatuses?.find(({ name }) => name === barrierName)?.state;
const commandOf = (pod: Pod | undefined) => pod?.status?.containerStatuses?.[0]?.state;
const startOfCommand = (pod: Pod | undefined) => (commandOf(pod)?.running ?? commandOf(pod)?.terminated)?.startedAt;
const ignoreMissing = (error: unknown): void => {
  if (!isNotFound(error)) throw error;
};
/** Sends SIGUSR1, to a process that may have ended meanwhile. */
function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGUSR1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
const untilKilled = 'sleep 900';
const untilTold = 'trap "exit 0" USR1; while true; do sleep 1; done';

/** Tells the lead, which waits to be told, to end well. */
async function letGo(workflow: string): Promise<void> {
  const pod = podOf(await podsByTask(workflow), 'head');
  await poll(
    `the lead of ${workflow} to hear that it may end`,
    async () => {
      // Again and again: a shell that has just started doesn't hear it yet.
      const shellOfHead = processesOfPod(pod).find(({ command }) => command[0] === 'sh');
      if (shellOfHead !== undefined) signal(shellOfHead.pid);
      const head = (await tasksOf(lab, workflow)).find(({ spec }) => spec.lead);
      return head?.status?.phase === 'Running' ? undefined : true;
    },
    { timeoutMs: patient },
  );
}

function podOf(pods: ReadonlyMap<string, Pod>, task: string): Pod {
  const pod = pods.get(task);
  if (pod === undefined) throw new Error(`task ${task} has no pod`);
  return pod;
}

/** Answers whoever asks, until it is killed. */
const serves = 'while true; do echo served | nc -l -p 9000; done';
const asks = (host: string) => `until nc -w 5 {{host:${host}}} 9000 </dev/null | grep served; do sleep 1; done`;

describe('the start barrier on a real node', () => {
  test('no command starts before every task is there; then all reach each other', async () => {
    const secret = { name: 'late', namespace: lab.namespace };
    await lab.client.delete(Secret, secret).catch(ignoreMissing);
    const peers = ['a', 'b'];
    await start('together', {
      tasks: [
        shell('head', [...[...peers, 'late'].map(asks), 'echo reached all', untilTold].join('; '), { lead: true }),
        ...peers.map((name) => shell(name, serves)),
        // Its volume can't be mounted before the Secret is there.
        shell('late', serves, { credentials: [{ name: 'late', mountPath: '/late' }] }),
      ],
    });
    const early = ['head', ...peers];
    const waiting = await poll(
      'three of four to be at the barrier',
      async () => {
        const pods = await podsByTask('together');
        if (early.every((name) => barrierOf(pods.get(name))?.running !== undefined)) return pods;
        throw new Error(JSON.stringify([...pods].map(([name, pod]) => [name, pod.status])));
      },
      { timeoutMs: patient },
    );
    expect([...waiting].map(([name, pod]) => [name, startOfCommand(pod)])).toEqual(
      expect.arrayContaining(early.map((name) => [name, undefined])),
    );
    await lab.client.create(Secret, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: secret,
      stringData: { key: 'value' },
    });
    const pods = await poll(
      'all commands to run',
      async () => {
        const all = [...(await podsByTask('together')).values()];
        return all.length === 4 && all.every((pod) => startOfCommand(pod) !== undefined) ? all : undefined;
      },
      { timeoutMs: patient },
    );
    const arrivals = pods.map((pod) => Date.parse(barrierOf(pod)?.terminated?.startedAt ?? ''));
    const starts = pods.map((pod) => Date.parse(startOfCommand(pod) ?? ''));
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(Math.max(...arrivals));
    const head = podOf(await podsByTask('together'), 'head');
    await poll(
      'the lead to have reached all others',
      async () => {
        const log = await readLog(lab.client, { namespace: lab.namespace, name: head.metadata.name });
        return log?.includes('reached all') === true ? true : undefined;
      },
      { timeoutMs: patient },
    );
    await letGo('together');
    const { workflow, tasks } = await endOf(lab, 'together', patient);
    expect(workflow.status).toMatchObject({ phase: 'Completed' });
    expect([...tasks.values()].map(({ status }) => [status?.phase, status?.attempt])).toEqual(
      [...tasks.keys()].map(() => ['Completed', 0]),
    );
  }, 600_000);

  test('a group that can’t be whole runs nothing, and its time in the queue ends it', async () => {
    const tasks = [
      shell('head', untilKilled, { lead: true }),
      shell('peer', untilKilled),
      shell('giant', untilKilled, { resource: 'huge' }),
    ];
    await start(
      'never-whole',
      { tasks },
      { resources: [small, { name: 'huge', cpu: 4000 }], timeouts: { queueSeconds: 20 } },
    );
    const { workflow, tasks: ended } = await endOf(lab, 'never-whole', patient);
    expect(workflow.status).toMatchObject({ phase: 'Failed', reason: 'QueueTimeout' });
    for (const task of ended.values()) {
      expect(task.status).toMatchObject({ phase: 'Failed', reason: 'QueueTimeout' });
      expect(task.status?.startTime).toBeUndefined();
    }
  }, 600_000);

  test('where pods are held to the restricted standard', async () => {
    const namespace = 'e2e-groups-restricted';
    const restricted = await newLab(lab.client, namespace);
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await lab.client.patch(Namespace, { name: namespace }, { kind: 'merge', body: { metadata: { labels } } });
    await makePool('e2e-restricted', {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: '{{USER_CONTAINER_NAME}}',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    });
    const tasks = [shell('head', 'exit 0', { lead: true }), shell('peer', 'exit 0')];
    await submit(restricted, 'careful', { pool: 'e2e-restricted', resources: [small], groups: [{ name: 'g', tasks }] });
    const { workflow } = await endOf(restricted, 'careful', patient);
    expect(workflow.status).toMatchObject({ phase: 'Completed' });
  }, 600_000);
});

describe('the lead of a group', () => {
  test('decides alone where the others’ ends are ignored', async () => {
    await start('ignored', {
      ignoreNonleadStatus: true,
      tasks: [shell('head', untilTold, { lead: true }), shell('fails', 'exit 3')],
    });
    await taskWhen(lab, 'ignored', 'fails', ['Failed'], patient);
    await taskWhen(lab, 'ignored', 'head', ['Running'], patient);
    await letGo('ignored');
    const { workflow, tasks } = await endOf(lab, 'ignored', patient);
    expect(tasks.get('fails')?.status).toMatchObject({ phase: 'Failed', reason: 'Error', exitCode: 3 });
    expect(tasks.get('head')?.status).toMatchObject({ phase: 'Completed', exitCode: 0 });
    expect(workflow.status).toMatchObject({ phase: 'Completed' });
  }, 600_000);

  test('fails with the others where their ends count', async () => {
    await start('counted', {
      ignoreNonleadStatus: false,
      tasks: [shell('head', untilKilled, { lead: true }), shell('fails', 'exit 3'), shell('peer', untilKilled)],
    });
    const { workflow, tasks } = await endOf(lab, 'counted', patient);
    expect(tasks.get('fails')?.status).toMatchObject({ phase: 'Failed', reason: 'Error', exitCode: 3 });
    for (const name of ['head', 'peer']) {
      expect(tasks.get(name)?.status).toMatchObject({ phase: 'Failed', reason: 'PeerFailed' });
    }
    expect(workflow.status).toMatchObject({ phase: 'Failed' });
  }, 600_000);

  test('takes the others with it when it fails', async () => {
    await start('led', { tasks: [shell('head', 'exit 7', { lead: true }), shell('peer', untilKilled)] });
    const { workflow, tasks } = await endOf(lab, 'led', patient);
    expect(tasks.get('head')?.status).toMatchObject({ phase: 'Failed', reason: 'Error', exitCode: 7 });
    expect(tasks.get('peer')?.status).toMatchObject({ phase: 'Failed', reason: 'PeerFailed' });
    expect(workflow.status).toMatchObject({ phase: 'Failed', reason: 'Error' });
  }, 600_000);

  test('that is tried again starts anew with all others, and meets them again', async () => {
    const again = { exitActions: [{ action: 'Reschedule' as const, exitCodes: '9' }] };
    await start('again', {
      tasks: [
        shell('head', `[ "$ATTEMPT" -gt 0 ] || exit 9; ${asks('peer')}`, { lead: true, ...again }),
        shell('peer', serves),
      ],
    });
    const { workflow, tasks } = await endOf(lab, 'again', patient);
    expect(workflow.status).toMatchObject({ phase: 'Completed' });
    expect(tasks.get('head')?.status).toMatchObject({
      phase: 'Completed',
      attempt: 1,
      attempts: [expect.objectContaining({ attempt: 0, cause: 'User', exitCode: 9 })],
    });
    expect(tasks.get('peer')?.status).toMatchObject({
      phase: 'Completed',
      attempt: 1,
      attempts: [expect.objectContaining({ attempt: 0, cause: 'Peer' })],
    });
    // The pod of the other, which the lead's end ended, may be gone.
    expect(barrierOf((await podsByTask('again')).get('head'))?.terminated?.exitCode).toBe(0);
  }, 600_000);
});
