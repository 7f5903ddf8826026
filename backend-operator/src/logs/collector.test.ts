import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Change, type Informer, KubeError, type Pod, silentLogger } from '@osmo/kube';
import { FakeClock, until } from '@osmo/kube/testing';
import { logFolder, type ObjectStore, openStore, readLog, readLogEnd, StoreError } from '@osmo/storage';
import { podFor } from '../group/pod.ts';
import { boundPod, container, deletedPod, running, terminated } from '../testing/pods.ts';
import { newTask } from '../testing/tasks.ts';
import { LogCollector } from './collector.ts';
import { logRefOf } from './subject.ts';

const line = (index: number, text = `line ${index}`): string =>
  `2026-03-01T10:00:${String(index).padStart(2, '0')}Z ${text}\n`;
const task = newTask();

/** A pod of the task; the number tells pods apart. */
function podOf(n: number, base: Pod): Pod {
  const built = podFor(task, { namespace: 'team-a', attempt: n, nodeLostSeconds: 300 });
  const { labels = {}, annotations = {}, name } = built.metadata;
  return { ...base, metadata: { ...base.metadata, labels, annotations, name, uid: `pod-${n}` } };
}
const runs = (n: number): Pod => podOf(n, boundPod('Running', running()));
const ended = (n: number): Pod => podOf(n, boundPod('Succeeded', [container(terminated(0))]));

/** Pods as a cache shows them, and the logs that the kubelet has of them. */
class Cluster {
  readonly synced = Promise.resolve();
  readonly pods = new Map<string, Pod>();
  readonly logs = new Map<string, string>();
  readonly asked: { pod: string; follow: boolean; sinceTime?: string }[] = [];
  /** What the next requests for a log are answered with instead. */
  readonly failures: Error[] = [];
  secrets: Record<string, Record<string, string>> = {};
  open = 0;
  mostOpen = 0;
  /** Streams that have been listened to, in all. */
  follows = 0;
  #listeners: ((change: Change<Pod>) => void)[] = [];
  #followers: { pod: string; end: () => void }[] = [];

  get informer(): Informer<Pod> {
    return this as unknown as Informer<Pod>;
  }
  list(): Pod[] {
    return [...this.pods.values()];
  }
  onChange(listener: (change: Change<Pod>) => void): void {
    this.#listeners.push(listener);
  }
  set(pod: Pod): void {
    const old = this.pods.get(pod.metadata.name);
    this.pods.set(pod.metadata.name, pod);
    for (const listener of this.#listeners) listener({ ...(old && { old }), new: pod });
  }
  remove(pod: Pod): void {
    this.pods.delete(pod.metadata.name);
    for (const listener of this.#listeners) listener({ old: pod });
  }
  /** The kubelet ends the streams of a pod. */
  endStreams(pod: Pod): void {
    for (const follower of this.#followers) if (follower.pod === pod.metadata.name) follower.end();
  }
  get = (async (_: unknown, { name }: { name: string }) => {
    const data = this.secrets[name];
    if (data === undefined) throw new KubeError({ status: 404, reason: 'NotFound', message: 'no such secret' });
    return {
      data: Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    };
  }) as never;
  stream = (async (_: string, path: string, { query }: { query: { follow?: boolean; sinceTime?: string } }) => {
    const pod = path.split('/').at(-2) ?? '';
    const { follow = false, sinceTime } = query;
    this.asked.push({ pod, follow, ...(sinceTime !== undefined && { sinceTime }) });
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    if (!this.pods.has(pod)) throw new KubeError({ status: 404, reason: 'NotFound', message: 'no such pod' });
    return { status: 200, headers: {}, body: this.#body(pod, follow) };
  }) as never;

  async *#body(pod: string, follow: boolean): AsyncGenerator<Uint8Array> {
    this.open++;
    this.mostOpen = Math.max(this.open, this.mostOpen);
    try {
      yield Buffer.from(this.logs.get(pod) ?? '');
      if (!follow) return;
      const before = this.logs.get(pod)?.length ?? 0;
      await new Promise<void>((end) => {
        this.#followers.push({ pod, end });
        this.follows++;
      });
      yield Buffer.from((this.logs.get(pod) ?? '').slice(before));
    } finally {
      this.open--;
    }
  }
}

let folder: string;
let store: ObjectStore;
let cluster: Cluster;
let clock: FakeClock;
let stop: AbortController;
let running_: Promise<void> | undefined;
let settled: string[];
let incomplete: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osmo-collector-'));
  store = await openStore(`file://${folder}/store`);
  cluster = new Cluster();
  clock = new FakeClock();
  stop = new AbortController();
  settled = [];
  incomplete = [];
});
afterEach(async () => {
  stop.abort();
  for (const pod of cluster.list()) cluster.endStreams(pod);
  await running_;
  running_ = undefined;
  await store.close();
  await rm(folder, { recursive: true });
});

function start(streams = 8): LogCollector {
  const collector = new LogCollector({
    pods: cluster.informer,
    cluster: cluster as never,
    store,
    streams,
    clock,
    logger: silentLogger,
    settled: (pod) => void settled.push(pod.metadata.name),
    incomplete: (_, why) => void incomplete.push(why),
  });
  running_ = collector.run(stop.signal);
  return collector;
}

async function stored(pod: Pod): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of (await readLog(store, logRefOf(pod, 'train')!)) ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
const isSettled = (pod: Pod): Promise<unknown> =>
  until(
    async () => settled.includes(pod.metadata.name),
    (found) => found,
  );
const followed = (count: number): Promise<unknown> =>
  until(
    async () => cluster.follows,
    (found) => found >= count,
  );

describe('the log of a pod', () => {
  test('that has ended is stored whole, once', async () => {
    const pod = ended(0);
    cluster.logs.set(pod.metadata.name, line(1) + line(2));
    cluster.set(pod);
    const collector = start();
    await isSettled(pod);
    expect(collector.isPending(pod)).toBe(false);
    expect(await stored(pod)).toBe(line(1) + line(2));
    expect(await readLogEnd(store, logRefOf(pod, 'train')!)).toEqual({ segments: 1 });
    cluster.set({ ...pod });
    expect(cluster.asked).toEqual([{ pod: pod.metadata.name, follow: false }]);
  });

  test('is followed while it runs, and read to its end when it has ended', async () => {
    const pod = runs(0);
    cluster.logs.set(pod.metadata.name, line(1));
    const collector = start();
    cluster.set(pod);
    expect(collector.isPending(pod)).toBe(true);
    await followed(1);
    cluster.logs.set(pod.metadata.name, line(1) + line(2) + line(3));
    cluster.set(ended(0));
    cluster.endStreams(pod);
    await isSettled(pod);
    expect(await stored(pod)).toBe(line(1) + line(2) + line(3));
    expect(cluster.asked).toEqual([
      { pod: pod.metadata.name, follow: true },
      { pod: pod.metadata.name, follow: false, sinceTime: '2026-03-01T10:00:02Z' },
    ]);
    expect(incomplete).toEqual([]);
  });

  test('is followed again when the kubelet ends a stream too soon', async () => {
    const pod = runs(0);
    cluster.logs.set(pod.metadata.name, line(1));
    start();
    cluster.set(pod);
    await followed(1);
    cluster.endStreams(pod);
    await until(
      async () => (clock.nextAt()?.getTime() ?? 0) - clock.now().getTime(),
      (ms) => ms === 1000,
    );
    clock.advance(1000);
    await followed(2);
    cluster.logs.set(pod.metadata.name, line(1) + line(2));
    cluster.set(ended(0));
    cluster.endStreams(pod);
    await isSettled(pod);
    expect(await stored(pod)).toBe(line(1) + line(2));
  });

  test('is asked for again when a stream that has said much falls silent', async () => {
    const pod = runs(0);
    const much = Array.from({ length: 30 }, (_, index) => line(index, 'x'.repeat(40_000))).join('');
    cluster.logs.set(pod.metadata.name, much);
    start();
    cluster.set(pod);
    await followed(1);
    await until(
      async () => (clock.nextAt()?.getTime() ?? 0) - clock.now().getTime(),
      (ms) => ms === 5000,
    );
    clock.advance(5000);
    cluster.endStreams(pod);
    await until(
      async () => (clock.nextAt()?.getTime() ?? 0) - clock.now().getTime(),
      (ms) => ms === 1000,
    );
    clock.advance(1000);
    await followed(2);
    cluster.logs.set(pod.metadata.name, much + line(31));
    cluster.set(ended(0));
    cluster.endStreams(pod);
    await isSettled(pod);
    expect(await stored(pod)).toBe(much + line(31));
  });

  test('that has not started is nothing to wait for', () => {
    const collector = start();
    const pod = podOf(0, boundPod('Pending', [container({ waiting: { reason: 'ContainerCreating' } })]));
    cluster.set(pod);
    expect(collector.isPending(pod)).toBe(false);
    expect(cluster.asked).toEqual([]);
  });

  test('never holds a value of a Secret that the pod sees', async () => {
    const pod = ended(0);
    const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'wandb', key: 'token' } } }];
    const spec = {
      ...pod.spec,
      containers: [{ name: 'train', image: 'x', env }],
      volumes: [
        { name: 'a', secret: { secretName: 'keys' } },
        { name: 'osmo-files', secret: { secretName: `${pod.metadata.name}-files` } },
      ],
    };
    cluster.secrets = { wandb: { token: 'hunter2-hunter2' }, keys: { key: '-----BEGIN-----\nMIIEpAIBAAKC\n' } };
    cluster.logs.set(pod.metadata.name, line(1, 'with hunter2-hunter2') + line(2, 'MIIEpAIBAAKC'));
    cluster.set({ ...pod, spec });
    start();
    await isSettled(pod);
    expect(await stored(pod)).toBe(line(1, 'with [MASKED]') + line(2, '[MASKED]'));
  });

  test('is not stored as long as a Secret that the pod sees cannot be read', async () => {
    const pod = ended(0);
    const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'wandb', key: 'token' } } }];
    cluster.logs.set(pod.metadata.name, line(1, 'hunter2-hunter2'));
    cluster.set({ ...pod, spec: { ...pod.spec, containers: [{ name: 'train', image: 'x', env }] } });
    const collector = start();
    await until(
      async () => clock.pending,
      (count) => count > 0,
    );
    expect(cluster.asked).toEqual([]);
    expect(collector.isPending(pod)).toBe(true);
    cluster.secrets = { wandb: { token: 'hunter2-hunter2' } };
    clock.advance(1000);
    await isSettled(pod);
    expect(await stored(pod)).toBe(line(1, '[MASKED]'));
  });

  test('goes on being tried while the store is down', async () => {
    const pod = deletedPod(ended(0), 30);
    cluster.logs.set(pod.metadata.name, line(1));
    const put = store.put.bind(store);
    let tries = 0;
    store.put = async () => {
      tries++;
      throw new StoreError('Unavailable', store.url, 'down');
    };
    cluster.set(pod);
    const collector = start();
    for (let count = 1; count <= 8; count++) {
      // oxlint-disable-next-line no-await-in-loop, no-loop-func
      await until(
        async () => tries >= count && clock.pending > 0,
        (found) => found,
      );
      expect(collector.isPending(pod)).toBe(true);
      if (count === 8) store.put = put;
      clock.advance(60_000);
    }
    await isSettled(pod);
    expect(await stored(pod)).toBe(line(1));
    expect(incomplete).toEqual([]);
  });

  test('of which the node has nothing is given up when the pod is being deleted, and says so', async () => {
    const pod = deletedPod(ended(0), 30);
    for (let count = 0; count < 5; count++)
      cluster.failures.push(new KubeError({ status: 500, reason: 'x', message: 'no log' }));
    cluster.set(pod);
    const collector = start();
    for (let count = 1; count < 5; count++) {
      // oxlint-disable-next-line no-await-in-loop, no-loop-func
      await until(
        async () => cluster.asked.length >= count && clock.pending > 0,
        (found) => found,
      );
      clock.advance(60_000);
    }
    await isSettled(pod);
    expect(collector.isPending(pod)).toBe(false);
    expect(incomplete).toEqual(['no log']);
    expect(await readLogEnd(store, logRefOf(pod, 'train')!)).toEqual({ segments: 0, lost: true });
  });

  test('is what was heard of it when its pod vanishes', async () => {
    const pod = runs(0);
    cluster.logs.set(pod.metadata.name, line(1));
    start();
    cluster.set(pod);
    await followed(1);
    cluster.remove(pod);
    cluster.endStreams(pod);
    await isSettled(pod);
    expect(await stored(pod)).toBe(line(1));
    // It was listened to until its stream ended.
    expect(await readLogEnd(store, logRefOf(pod, 'train')!)).toEqual({ segments: 1 });
  });

  test('what the kubelet says instead of a log is not stored', async () => {
    const pod = ended(0);
    cluster.logs.set(pod.metadata.name, 'unable to retrieve container logs for containerd://1');
    cluster.set(pod);
    start();
    await until(
      async () => clock.pending,
      (count) => count > 0,
    );
    cluster.logs.set(pod.metadata.name, line(1));
    clock.advance(1000);
    await isSettled(pod);
    expect(await stored(pod)).toBe(line(1));
  });
});

describe('many logs', () => {
  test('are read a few at a time, those that have ended also while others run on', async () => {
    start(4);
    for (let n = 0; n < 10; n++) cluster.set(runs(n));
    await followed(3);
    const over = Array.from({ length: 6 }, (_, n) => ended(100 + n));
    for (const pod of over) cluster.set(pod);
    await Promise.all(over.map(isSettled));
    expect(cluster.mostOpen).toBeLessThanOrEqual(4);
    expect(cluster.asked.filter(({ follow }) => follow)).toHaveLength(3);
    for (let n = 0; n < 10; n++) {
      cluster.set(ended(n));
      cluster.endStreams(runs(n));
    }
    await Promise.all(Array.from({ length: 10 }, (_, n) => isSettled(ended(n))));
  });

  test('that are whole are not read again by the next leader', async () => {
    const pod = ended(0);
    cluster.set(pod);
    start();
    await isSettled(pod);
    stop.abort();
    await running_;
    stop = new AbortController();
    settled = [];
    start();
    await isSettled(pod);
    expect(cluster.asked).toHaveLength(1);
    expect(await store.head(`${logFolder(logRefOf(pod, 'train')!)}end.json`)).toBeDefined();
  });
});
