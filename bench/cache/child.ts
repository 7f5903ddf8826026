/**
 * Reads every ConfigMap of a namespace into memory in one way, and prints what it cost as a line of JSON. A process of
 * its own per measurement, so that no other objects share the heap.
 *
 *     node --expose-gc bench/cache/child.ts KUBECONFIG NAMESPACE bare|list|watch-list
 */
import {
  type ClusterAccess,
  ConfigMap,
  createClient,
  type KubeObject,
  loadAccess,
  type Logger,
  newInformer,
  systemClock,
} from '@osmo/kube';
import { Pool } from 'undici';
import { type Measured, pageSize, type Reading } from './shape.ts';

interface Held {
  objects: number;
  parseSeconds?: number;
  /** Keeps what was read alive until the memory has been measured. */
  keep: unknown;
  close(): Promise<void>;
}

const [kubeconfig, namespace, reading] = process.argv.slice(2) as [string, string, Reading];

/** The least there is: pages by undici, JSON.parse, an array. */
async function readBare(access: ClusterAccess): Promise<Held> {
  const { tls, headers } = await access.credentials();
  const pool = new Pool(new URL(access.server).origin, { connections: 1, connect: tls });
  const items: KubeObject[] = [];
  let parseSeconds = 0;
  let next: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(pageSize), ...(next && { continue: next }) });
    const path = `/api/v1/namespaces/${namespace}/configmaps?${query.toString()}`;
    const answer = await pool.request({ method: 'GET', path, headers: { ...headers, accept: 'application/json' } });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode} ${text}`);
    const started = performance.now();
    const page = JSON.parse(text) as { items: KubeObject[]; metadata: { continue?: string } };
    parseSeconds += (performance.now() - started) / 1000;
    for (const item of page.items) items.push(item);
    next = page.metadata.continue || undefined;
  } while (next);
  return { objects: items.length, parseSeconds, keep: items, close: () => pool.close() };
}

async function readByInformer(access: ClusterAccess, watchList: boolean): Promise<Held> {
  const client = createClient({ access, userAgent: 'osmo-bench' });
  const stop = new AbortController();
  const informer = newInformer({
    client,
    type: ConfigMap,
    namespace,
    clock: systemClock,
    logger: stderrLogger,
    watchList,
    pageSize,
    indexes: { instance: (object) => [object.metadata.labels?.['app.kubernetes.io/instance'] ?? ''] },
  });
  informer.start(stop.signal);
  await informer.synced;
  const close = async (): Promise<void> => {
    stop.abort();
    await client.close();
  };
  return { objects: informer.size, keep: informer, close };
}

const complain = (message: string, fields?: object): void => console.error(message, JSON.stringify(fields ?? {}));
const quiet = (): void => undefined;
const stderrLogger: Logger = { debug: quiet, info: quiet, warn: complain, error: complain, child: () => stderrLogger };

const collect = (): NodeJS.MemoryUsage => {
  if (!globalThis.gc) throw new Error('start it with --expose-gc');
  // The second one collects what finalizers of the first let go.
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage();
};

const access = await loadAccess({ kubeconfig, clock: systemClock, env: process.env });
const memoryBefore = collect();
const cpuBefore = process.cpuUsage();
const started = performance.now();
const held = await (reading === 'bare' ? readBare(access) : readByInformer(access, reading === 'watch-list'));
const seconds = (performance.now() - started) / 1000;
const cpu = process.cpuUsage(cpuBefore);
const memory = collect();
const measured: Measured = {
  objects: held.objects,
  seconds,
  ...(held.parseSeconds !== undefined && { parseSeconds: held.parseSeconds }),
  heapBytes: memory.heapUsed - memoryBefore.heapUsed,
  rssBytes: memory.rss - memoryBefore.rss,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
};
console.log(JSON.stringify(measured));
await held.close();
