import { beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskStatus, WorkflowSpecInput } from '@osmo/crds';
import { Node, Pod } from '@osmo/kube';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster } from './harness/connect.ts';
import { endOf, type Lab, newLab, podsOf, shell, submit, Tasks, tasksOf, taskWhen, Workflows } from './harness/lab.ts';

type Task = NonNullable<WorkflowSpecInput['tasks']>[number];

/** One way through the attempts of a task on a real node. */
interface Story {
  name: string;
  /** Of the only task, `t`. */
  task: Task;
  spec?: Partial<WorkflowSpecInput>;
  /** Done once the first attempt runs. */
  interfere?: (lab: Lab, podName: string, workflow: string) => Promise<unknown>;
  want: Partial<TaskStatus>;
  /** Cause, reason and exit code of the attempts before the last. */
  attempts: readonly string[];
}

/** A shell line that does one thing in the first attempt and another in later ones: the pod's name ends with the attempt. */
const first = (one: string, others: string): string => `case $HOSTNAME in *-0) ${one};; *) ${others};; esac`;

const deletePod = (lab: Lab, name: string) =>
  lab.client.delete(Pod, { name, namespace: lab.namespace }, { gracePeriodSeconds: 1 });

/** Takes away the finalizer too, so that nobody could read how the pod ended. */
async function tearPodOut(lab: Lab, name: string): Promise<void> {
  const ref = { name, namespace: lab.namespace };
  await lab.client.patch(Pod, ref, { kind: 'merge', body: { metadata: { finalizers: null } } });
  await lab.client.delete(Pod, ref, { gracePeriodSeconds: 0 });
}

const tell = (spec: object) => (lab: Lab, _: string, workflow: string) =>
  lab.client.patch(Tasks, { name: `${workflow}.t`, namespace: lab.namespace }, { kind: 'merge', body: { spec } });

const stories: readonly Story[] = [
  {
    name: 'exit-complete',
    task: shell('t', 'exit 3', { exitActions: [{ action: 'Complete', exitCodes: '1-5' }] }),
    want: { phase: 'Completed', exitCode: 3, attempt: 0 },
    attempts: [],
  },
  {
    name: 'exit-fail',
    task: shell('t', 'exit 0', { exitActions: [{ action: 'Fail', exitCodes: '0' }], retryPolicy: { maxRetries: 5 } }),
    want: { phase: 'Failed', reason: 'Error', exitCode: 0, attempt: 0 },
    attempts: [],
  },
  {
    name: 'reschedule',
    task: shell('t', 'case $HOSTNAME in *-2) exit 0;; *) exit 7;; esac', {
      exitActions: [{ action: 'Reschedule', exitCodes: '7' }],
    }),
    want: { phase: 'Completed', exitCode: 0, attempt: 2, retries: { user: 2, infrastructure: 0, peer: 0 } },
    attempts: ['User Error 7', 'User Error 7'],
  },
  {
    name: 'backoff',
    task: shell('t', 'exit 4', { retryPolicy: { maxRetries: 2, backoffSeconds: 2 } }),
    want: { phase: 'Failed', reason: 'Error', exitCode: 4, attempt: 2 },
    attempts: ['User Error 4', 'User Error 4'],
  },
  {
    name: 'no-image',
    task: {
      ...shell('t', 'true', { retryPolicy: { maxInfrastructureRetries: 1 } }),
      image: 'docker.io/library/no-such-image:1',
    },
    want: { phase: 'Failed', reason: 'ImagePull', attempt: 1, retries: { user: 0, infrastructure: 1, peer: 0 } },
    attempts: ['Infrastructure ImagePull'],
  },
  {
    name: 'out-of-memory',
    task: {
      name: 't',
      image: 'python:3.11-slim',
      command: ['python3', '-c', 'block = bytearray(256 << 20); print(sum(block))'],
      retryPolicy: { maxRetries: 1 },
    },
    spec: { resources: [{ name: 'default', cpu: '50m', memory: '48Mi' }] },
    want: { phase: 'Failed', reason: 'OOMKilled', exitCode: 3004, attempt: 1 },
    attempts: ['User OOMKilled 3004'],
  },
  {
    name: 'pod-deleted',
    task: shell('t', first('sleep 300', 'exit 0')),
    interfere: deletePod,
    want: { phase: 'Completed', exitCode: 0, attempt: 1, retries: { user: 0, infrastructure: 1, peer: 0 } },
    attempts: ['Infrastructure BackendError 3001'],
  },
  {
    name: 'pod-torn-out',
    task: shell('t', first('sleep 300', 'exit 0')),
    interfere: tearPodOut,
    want: { phase: 'Completed', exitCode: 0, attempt: 1 },
    attempts: ['Infrastructure BackendError 3001'],
  },
  {
    name: 'exec-timeout',
    task: shell('t', 'sleep 300'),
    spec: { timeouts: { execSeconds: 4 } },
    want: { phase: 'Failed', reason: 'ExecTimeout', attempt: 0 },
    attempts: [],
  },
  {
    name: 'queue-timeout',
    task: shell('t', 'true'),
    spec: { timeouts: { queueSeconds: 4 }, resources: [{ name: 'default', cpu: '900', memory: '16Mi' }] },
    want: { phase: 'Failed', reason: 'QueueTimeout', attempt: 0 },
    attempts: [],
  },
  {
    name: 'start-timeout',
    // It gets a node, where its volume can't be mounted: there is no such Secret.
    task: shell('t', 'true', {
      credentials: [{ name: 'never', mountPath: '/never' }],
      retryPolicy: { maxInfrastructureRetries: 1 },
    }),
    spec: { timeouts: { startSeconds: 4 } },
    want: {
      phase: 'Failed',
      reason: 'StartTimeout',
      exitCode: 3005,
      attempt: 1,
      retries: { user: 0, infrastructure: 1, peer: 0 },
    },
    attempts: ['Infrastructure StartTimeout 3005'],
  },
  {
    name: 'canceled',
    task: shell('t', 'sleep 300'),
    interfere: tell({ cancel: { by: 'ann', reason: 'wrong data' } }),
    want: { phase: 'Failed', reason: 'Canceled', attempt: 0, message: 'canceled by ann: wrong data' },
    attempts: [],
  },
  {
    name: 'canceled-by-force',
    // The first process of a container doesn't hear SIGTERM unless it asks to: this one would take its whole grace period.
    task: shell('t', 'sleep 300'),
    interfere: tell({ cancel: { force: true } }),
    want: { phase: 'Failed', reason: 'Canceled', attempt: 0, message: 'canceled' },
    attempts: [],
  },
  {
    name: 'restarted',
    task: shell('t', first('sleep 300', 'exit 0')),
    interfere: tell({ run: 1 }),
    want: { phase: 'Completed', exitCode: 0, attempt: 1, run: 1 },
    attempts: ['Restart Rescheduled'],
  },
];

const small = { resources: [{ name: 'default', cpu: '20m', memory: '16Mi' }] };
let lab: Lab;

beforeAll(async () => {
  lab = await newLab(await connectToCluster(), 'e2e-lifecycle');
}, 180_000);

async function play({ name, task, spec, interfere }: Story): Promise<TaskStatus> {
  await submit(lab, name, { ...small, ...spec, tasks: [task] });
  if (interfere !== undefined) {
    const running = await taskWhen(lab, name, 't', ['Running']);
    await interfere(lab, running.status!.podName!, name);
  }
  const { tasks } = await endOf(lab, name, 240_000);
  return tasks.get('t')!.status!;
}

describe('the attempts of a task on a real node', () => {
  const statuses = new Map<string, TaskStatus>();

  beforeAll(async () => {
    await Promise.all(stories.map(async (story) => statuses.set(story.name, await play(story))));
  }, 600_000);

  test.each(stories)('$name', ({ name, want, attempts }) => {
    const status = statuses.get(name)!;
    expect(status).toMatchObject(want);
    const before = (status.attempts ?? []).map(({ cause, reason, exitCode }) => [cause, reason, exitCode].join(' '));
    expect(before.map((line, index) => (line.startsWith(attempts[index] ?? '-') ? attempts[index] : line))).toEqual(
      attempts,
    );
    expect((status.attempts ?? []).map(({ attempt }) => attempt)).toEqual(attempts.map((_, index) => index));
  });

  test('a retry with a pause starts after it', () => {
    const { attempts = [], startTime = '' } = statuses.get('backoff')!;
    const ends = attempts.map(({ completionTime = '' }) => Date.parse(completionTime));
    const starts = [attempts[1]?.startTime ?? '', startTime].map((time) => Date.parse(time));
    expect(starts[0]! - ends[0]!).toBeGreaterThanOrEqual(2000);
    expect(starts[1]! - ends[1]!).toBeGreaterThanOrEqual(4000);
  });

  test('nothing of a task that was ended from outside goes on', async () => {
    const ended = new Set(['exec-timeout', 'queue-timeout', 'start-timeout', 'canceled', 'canceled-by-force']);
    const left = async () => {
      const pods = (await podsOf(lab)).filter(({ metadata }) => ended.has(metadata.labels!['osmo.workflow_id']!));
      return pods.some(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending') ? undefined : true;
    };
    await poll('the pods to end', left, { timeoutMs: 120_000 });
  }, 180_000);

  test('a further attempt is told by an Event', async () => {
    const path = `/apis/events.k8s.io/v1/namespaces/${lab.namespace}/events`;
    const told = async () => {
      const { items } = JSON.parse((await lab.client.request('GET', path)).body.toString()) as {
        items: { regarding?: { name: string }; reason: string; note: string }[];
      };
      return items.find(({ regarding, reason }) => regarding?.name === 'pod-deleted.t' && reason === 'Rescheduled');
    };
    const { note } = await poll('the Event', told, { timeoutMs: 120_000 });
    expect(note).toContain('attempt 1 follows');
  }, 180_000);
});

describe('a task that gives its place to one of higher priority', () => {
  /** More than half of the node's memory, which nothing of the system asks for: two of these have no place. */
  async function mostOfTheNode(): Promise<string> {
    const { items } = await lab.client.list(Node);
    const [, number = '0', unit] = /^(\d+)(Ki|Mi)?$/.exec(items[0]?.status?.allocatable?.['memory'] ?? '') ?? [];
    const kib = unit === 'Mi' ? Number(number) * 1024 : unit === 'Ki' ? Number(number) : Number(number) / 1024;
    return `${Math.floor((kib * 0.6) / 1024)}Mi`;
  }

  test('goes back to the queue, and runs again when that has ended', async () => {
    const resources = [{ name: 'default', cpu: '100m', memory: await mostOfTheNode() }];
    const waits = "trap 'exit 9' TERM; sleep 3600 & wait";
    await submit(lab, 'low', { resources, priority: 'Low', tasks: [shell('t', first(waits, 'exit 0'))] });
    await taskWhen(lab, 'low', 't', ['Running']);
    await submit(lab, 'high', { resources, priority: 'High', tasks: [shell('t', waits)] });
    await taskWhen(lab, 'high', 't', ['Running']);
    const queued = await poll(
      'the low one to wait',
      async () => {
        const task = (await tasksOf(lab, 'low'))[0];
        if (task?.status?.reason === 'Unschedulable') return task;
        throw new Error(JSON.stringify(task?.status));
      },
      { timeoutMs: 240_000 },
    );
    expect(queued.status).toMatchObject({
      phase: 'Scheduling',
      attempt: 1,
      attempts: [{ cause: 'Infrastructure', reason: 'Preempted', exitCode: 3006 }],
    });
    const cancel = { kind: 'merge', body: { spec: { cancel: {} } } } as const;
    await lab.client.patch(Workflows, { name: 'high', namespace: lab.namespace }, cancel);
    const { tasks } = await endOf(lab, 'low');
    expect(tasks.get('t')?.status).toMatchObject({ phase: 'Completed', attempt: 1 });
  }, 900_000);
});

describe('a group on a real node', () => {
  test('whose lead lost its pod starts anew as a whole', async () => {
    const name = 'lead-lost';
    const runs = (taskName: string, attempt: number) =>
      poll(
        `${taskName} to run in attempt ${attempt}`,
        async () => {
          const status = (await tasksOf(lab, name)).find(({ spec }) => spec.taskName === taskName)?.status;
          if (status?.phase === 'Running' && status.attempt === attempt) return status;
          throw new Error(JSON.stringify(status));
        },
        { timeoutMs: 180_000 },
      );
    const tasks = [shell('lead', 'sleep 600', { lead: true }), shell('peer', 'sleep 600')];
    await submit(lab, name, { ...small, groups: [{ name: 'both', barrier: false, tasks }] });
    await runs('peer', 0);
    const { podName = '' } = await runs('lead', 0);
    await deletePod(lab, podName);
    const infrastructure = { user: 0, infrastructure: 1, peer: 0 };
    expect(await runs('lead', 1)).toMatchObject({ round: 1, retries: infrastructure });
    const peer = await runs('peer', 1);
    expect(peer).toMatchObject({ round: 1, retries: { user: 0, infrastructure: 0, peer: 1 } });
    expect(peer.attempts).toMatchObject([{ attempt: 0, cause: 'Peer', phase: 'Failed' }]);
    const lead = { name: `${name}.lead`, namespace: lab.namespace };
    await lab.client.patch(Tasks, lead, { kind: 'merge', body: { spec: { cancel: { force: true } } } });
    const ending = await endOf(lab, name, 240_000);
    expect(ending.tasks.get('lead')!.status).toMatchObject({ phase: 'Failed', reason: 'Canceled', attempt: 1 });
    expect(ending.tasks.get('peer')!.status).toMatchObject({ phase: 'Failed', reason: 'Canceled', attempt: 1 });
  }, 900_000);
});
