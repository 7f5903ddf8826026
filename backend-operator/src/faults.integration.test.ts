import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { type Informer, type KubeClient, newInformer, Pod, silentLogger, systemClock } from '@osmo/kube';
import { newNamespace, Program, testKubeconfig, until } from '@osmo/kube/testing';
import { Backends, Tasks } from './kinds.ts';
import { connect, Kubelet, removeNamespace } from './testing/real-cluster.ts';
import { submitTask } from './testing/submit-task.ts';
import { newGroup, newTask } from './testing/tasks.ts';

/** What each task's process does: it ends with this code; -1: it runs until it is stopped. */
const codes: Record<string, number> = { lead: 0, 'peer-1': -1, 'peer-2': -1 };
const singles = Array.from({ length: 12 }, (_, index) => `t${index}`);
for (const [index, name] of singles.entries()) codes[name] = index % 3;

describe('an operator that is killed again and again', () => {
  let client: KubeClient;
  let namespace: string;
  let kubelet: Kubelet;
  let pods: Informer<Pod>;
  const stop = new AbortController();
  /** UIDs of the pods that there ever were, by Task. */
  const runs = new Map<string, Set<string>>();

  beforeAll(async () => {
    client = await connect();
    namespace = await newNamespace(client, 'faults');
    kubelet = new Kubelet(client, namespace, `node-${namespace}`);
    await kubelet.join();
    pods = newInformer<Pod>({ client, type: Pod, namespace, clock: systemClock, logger: silentLogger });
    pods.onChange(({ new: pod }) => {
      const task = pod?.metadata.labels?.['osmo.task_name'];
      if (pod !== undefined && task !== undefined)
        runs.set(task, (runs.get(task) ?? new Set()).add(pod.metadata.uid ?? ''));
    });
    pods.start(stop.signal);
    await pods.synced;
  });

  afterAll(async () => {
    stop.abort();
    await kubelet.leave();
    await removeNamespace(client, namespace);
    await client.delete(Backends, { name: namespace }).catch(() => undefined);
    await client.close();
  });

  /** One step of every pod, as a kubelet would take it. */
  async function step(): Promise<void> {
    await Promise.all(
      pods.list().map(async (pod) => {
        const code = codes[pod.metadata.labels?.['osmo.task_name'] ?? ''] ?? 0;
        const over = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
        try {
          if (pod.metadata.deletionTimestamp !== undefined) {
            if (pod.metadata.finalizers === undefined) await kubelet.remove(pod);
          } else if (pod.spec.nodeName === undefined) await kubelet.bind(pod);
          else if (pod.status?.phase === 'Pending')
            await kubelet.report(pod, 'Running', { running: { startedAt: new Date().toISOString() } });
          else if (!over && code >= 0) await kubelet.end(pod, code);
        } catch {
          // The cache is a moment behind; the next step sees what is there.
        }
      }),
    );
  }

  const submit = (task: Task) => submitTask(client, namespace, task);

  test('every task runs once and ends as it should; nothing stays behind', async () => {
    const files = [{ path: '/run.sh', contents: 'echo', base64: false }];
    const waiting = [...singles.map((name) => newTask({ name, spec: { files } })), ...newGroup(3)];
    const args = [
      `--backend=${namespace}`,
      `--namespace=${namespace}`,
      `--kubeconfig=${testKubeconfig()}`,
      '--health-port=0',
      '--metrics-port=0',
    ];
    const main = new URL('main.ts', import.meta.url);
    let program = new Program(main, args);
    const tasks = async () => (await client.list(Tasks, { namespace })).items;
    let lives = 1;
    let bornAt = Date.now();
    let life = 1500;
    await until(
      async () => {
        const [next] = waiting;
        if (next !== undefined) await submit(next);
        waiting.shift();
        await step();
        // Up is after about a second; then it lives for a moment, each time a little longer.
        if (Date.now() - bornAt > life && lives < 8) {
          program.kill('SIGKILL');
          await program.exited;
          program = new Program(main, args);
          lives += 1;
          bornAt = Date.now();
          life += 97;
        }
        return tasks();
      },
      (all) =>
        lives >= 8 &&
        waiting.length === 0 &&
        all.every(({ status }) => status?.phase === 'Completed' || status?.phase === 'Failed'),
      180_000,
    );
    const outcomes = Object.fromEntries(
      (await tasks()).map(({ spec, status }) => [spec.taskName, status?.phase === 'Completed' ? 0 : status?.exitCode]),
    );
    expect(outcomes).toEqual(
      Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, Math.max(0, code)])),
    );
    await Promise.all((await tasks()).map(({ metadata }) => client.delete(Tasks, { namespace, name: metadata.name })));
    await until(
      async () => {
        await step();
        return pods.list();
      },
      (left) => left.length === 0,
    );
    expect([...runs.values()].map(({ size }) => size)).toEqual(Object.keys(codes).map(() => 1));
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
  });
});
