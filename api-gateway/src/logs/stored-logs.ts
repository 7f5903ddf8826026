import type { Clock } from '@osmo/kube';
import { type LogRef, type ObjectStore, readLog, readLogEnd } from '@osmo/storage';
import { pause } from '../system/pause.ts';
import { containerOf } from './container.ts';
import type { LogLine, LogRequest, LogSource } from './log-source.ts';
import { splitLines } from './split-lines.ts';

/** The operator stores what comes about every ten seconds. */
const lookAgainMs = 5_000;

/** Logs in the object store, where they stay when their pods are gone. */
export interface StoredLogs extends LogSource {
  /** Whether the log of an attempt is there to its end. */
  isWhole(request: LogRequest, signal: AbortSignal): Promise<boolean>;
}

/** Logs as the operators of backends have stored them. */
export function storedLogSource(store: ObjectStore, clock: Clock): StoredLogs {
  return {
    async isWhole(request, signal) {
      return (await readLogEnd(store, refOf(request), { signal })) !== undefined;
    },
    async open(request, signal) {
      const ref = refOf(request);
      const follow = request.follow ? () => pause(clock, lookAgainMs, signal) : undefined;
      const bytes = await readLog(store, ref, { signal, tailLines: request.tailLines, follow });
      return bytes === undefined ? undefined : linesOf(bytes, store, ref, signal);
    },
  };
}

/**
 * Logs of pods and, where these have none or not all, of the store. While an attempt runs its pod is asked, which is ahead of the
 * store; when it has ended the store, which has also what the kubelet has thrown away, once the log is whole there.
 */
export function eitherSource(pods: LogSource, stored: StoredLogs): LogSource {
  return {
    async open(request, signal) {
      const isWhole = !request.follow && (await stored.isWhole(request, signal));
      const [first, second] = isWhole ? [stored, pods] : [pods, stored];
      return (await first.open(request, signal)) ?? second.open(request, signal);
    },
  };
}

function refOf({ task, attempt }: LogRequest): LogRef {
  const { namespace = '', uid = '' } = task.metadata;
  return { namespace, workflowUid: task.spec.workflow.uid, taskUid: uid, attempt, container: containerOf(task) };
}

async function* linesOf(
  bytes: AsyncIterable<Uint8Array>,
  store: ObjectStore,
  ref: LogRef,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  let time = '';
  for await (const line of splitLines(bytes)) {
    const at = line.indexOf(' ');
    if (at <= 0) continue;
    time = line.slice(0, at);
    yield { time, text: line.slice(at + 1) };
  }
  const end = await readLogEnd(store, ref, { signal });
  if (end?.lost === true)
    yield { time, text: '[osmo] a part of this log is missing: it was gone before it could be stored' };
}
