import { isNotFound, type KubeClient, type Pod, podLogs } from '@osmo/kube';
import { type LogWriter, maskerOf, type ObjectStore, openLog } from '@osmo/storage';
import { secretValues } from './secret-values.ts';
import { loggedContainers, logRefOf } from './subject.ts';

/** Bytes of text in a segment: this times the number of streams is what the collector's memory is bounded by. */
const segmentBytes = 256 * 1024;
/** Readers are so far behind at most, ms. */
const flushMs = 10_000;
/** After the kubelet ended a stream although its container runs, ms. */
const pauseMs = 1_000;

/** So much must have come of a log before its file can be followed by another: a tenth of the kubelet's default. */
const muchBytes = 1 << 20;
/** Half of the time between two looks of the kubelet at the size of log files. */
const silenceMs = 5_000;

/** A pod as it is watched. */
export interface WatchedPod {
  /** As it is known last. */
  readonly pod: Pod;
  /** It isn't in the cluster any more. */
  readonly gone: boolean;
  /** Resolves when it has changed, or after so long, ms. */
  changed(ms: number, signal: AbortSignal): Promise<void>;
}

export interface CollectContext {
  cluster: Pick<KubeClient, 'get' | 'stream'>;
  store: ObjectStore;
  setTimeout: (ms: number, fn: () => void) => () => void;
  /** Lets a few segments be stored at a time. */
  turn: <T>(work: () => Promise<T>) => Promise<T>;
  signal: AbortSignal;
}

/** The kubelet answered with something else than the log. */
export class NoLogError extends Error {
  override readonly name = 'NoLogError';
}

/**
 * Stores the log of one container from its beginning, or from where it is stored, until the container has ended, and says
 * in the store that it is whole. May be called again after any failure.
 *
 * @returns whether something of it is missing
 * @throws StoreError, KubeError, NoLogError; the signal's reason
 */
export async function collectLog(watched: WatchedPod, container: string, context: CollectContext): Promise<boolean> {
  const { cluster, store, signal, setTimeout, turn } = context;
  const ref = logRefOf(watched.pod, container);
  if (ref === undefined) return false;
  const mask = maskerOf(await secretValues(cluster, watched.pod, signal));
  const log = await openLog(store, ref, { mask, segmentBytes, flushMs, setTimeout, turn, signal });
  if (log.whole !== undefined) return log.whole.lost === true;
  try {
    const followed = await followLog(log, watched, container, context);
    const missing = await readRest(log, watched, container, context, followed);
    return (await log.end({ lost: missing })).lost === true;
  } finally {
    log.close();
  }
}

/** Gives up the log of a container: what there is of it stays, and its end says that something is missing. */
export async function giveUpLog(
  { pod }: Pick<WatchedPod, 'pod'>,
  container: string,
  { store, signal }: Pick<CollectContext, 'store' | 'signal'>,
): Promise<void> {
  const ref = logRefOf(pod, container);
  if (ref === undefined) return;
  const log = await openLog(store, ref, { signal });
  if (log.whole === undefined) await log.end({ lost: true });
}

/** Reads as long as the container runs. The answer: whether the stream came to its own end last. */
async function followLog(
  log: LogWriter,
  watched: WatchedPod,
  container: string,
  context: CollectContext,
): Promise<boolean> {
  const { signal } = context;
  let followed = false;
  while (!hasEnded(watched, container)) {
    // One stream after the other.
    // oxlint-disable no-await-in-loop
    await append(log, watched, container, { follow: true }, context);
    followed = true;
    // The end of the stream and the word of the kubelet about the container come in any order.
    if (!hasEnded(watched, container)) await watched.changed(pauseMs, signal);
    // oxlint-enable no-await-in-loop
  }
  return followed;
}

/**
 * Reads what is there when the container has ended: streams are cut off now and then without a word. The answer: whether
 * something may be missing.
 */
async function readRest(
  log: LogWriter,
  watched: WatchedPod,
  container: string,
  context: CollectContext,
  followed: boolean,
): Promise<boolean> {
  try {
    await append(log, watched, container, { follow: false }, context);
    return false;
  } catch (error) {
    // Nothing more to be had. Who listened until the end has heard everything.
    if (isNotFound(error)) return !followed;
    throw error;
  }
}

async function append(
  log: LogWriter,
  { pod }: WatchedPod,
  container: string,
  { follow }: { follow: boolean },
  { cluster, signal, setTimeout }: CollectContext,
): Promise<void> {
  const { name, namespace } = pod.metadata;
  const { since } = log;
  const leave = new AbortController();
  const bytes = podLogs(
    cluster,
    { name, ...(namespace !== undefined && { namespace }) },
    {
      container,
      follow,
      timestamps: true,
      signal: AbortSignal.any([signal, leave.signal]),
      ...(since !== undefined && { sinceTime: since }),
    },
  );
  const heard = follow ? untilSilent(bytes, setTimeout, leave) : bytes;
  const { foreign } = await log.append(heard, { isLast: !follow });
  if (foreign !== undefined) throw new NoLogError(`the kubelet has no log of container ${container}: ${foreign}`);
}

/**
 * The stream, until it says nothing after it has said much: a kubelet whose reader is behind when a log file is followed by the next
 * one goes on reading the former for ever. Who asks again gets the new one.
 */
async function* untilSilent(
  bytes: AsyncIterable<Uint8Array>,
  setTimeout: CollectContext['setTimeout'],
  leave: AbortController,
): AsyncGenerator<Uint8Array> {
  let heard = 0;
  let cancel = (): void => undefined;
  try {
    for await (const piece of bytes) {
      cancel();
      heard += piece.byteLength;
      yield piece;
      if (heard >= muchBytes) cancel = setTimeout(silenceMs, () => leave.abort());
    }
  } catch (error) {
    if (!leave.signal.aborted) throw error;
  } finally {
    cancel();
  }
}

function hasEnded({ pod, gone }: WatchedPod, container: string): boolean {
  return gone || (loggedContainers(pod).find(({ name }) => name === container)?.ended ?? true);
}
