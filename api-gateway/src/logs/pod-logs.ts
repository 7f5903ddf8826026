import { isBadRequest, isNotFound, isTransportError, type KubeClient, type ObjectRef, podLogs } from '@osmo/kube';
import { containerOf } from './container.ts';
import type { LogLine, LogRequest, LogSource } from './log-source.ts';
import { longestLine, splitLines } from './split-lines.ts';

/** Logs of pods that still exist, from the cluster that the gateway runs in. */
export function podLogSource(client: Pick<KubeClient, 'stream'>): LogSource {
  return {
    async open(request, signal) {
      const pod = podOf(request);
      if (pod === undefined) return undefined;
      const bytes = podLogs(client, pod, {
        container: containerOf(request.task),
        follow: request.follow,
        timestamps: true,
        ...(request.tailLines !== undefined && { tailLines: request.tailLines }),
        // The apiserver takes whole seconds.
        ...(request.after !== undefined && { sinceTime: request.after.replace(/\.\d+Z$/, 'Z') }),
        signal,
      });
      try {
        const first = await bytes.next();
        if (first.done !== true && !beginsWithTime(first.value)) {
          await bytes.return(undefined);
          return undefined;
        }
        return linesOf(rest(first, bytes), signal);
      } catch (error) {
        // Gone, or its container has not started; also when it never will.
        if (isNotFound(error) || isBadRequest(error)) return undefined;
        throw error;
      }
    },
  };
}

/**
 * Whether it is a log, whose lines begin with a year. Of a container that is gone the kubelet says so with 200: "unable to
 * retrieve container logs for …".
 */
function beginsWithTime([byte = 0]: Uint8Array): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** The time before each line, as the kubelet writes it; what has none is a word of its own, such as that a log was rotated. */
const withTime = /^(\d{4}-\d\d-\d\dT\S+) (.*)$/s;

async function* rest(first: IteratorResult<Uint8Array>, bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.done === true) return;
  yield first.value;
  yield* bytes;
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<LogLine> {
  try {
    let last: { time: string; length: number } | undefined;
    for await (const line of splitLines(bytes)) {
      const [, time = '', text = ''] = withTime.exec(line) ?? [];
      if (time !== '') yield { time, text };
      // The rest of a line that was cut for its length; characters have up to four bytes.
      else if (last !== undefined && last.length * 4 > longestLine) yield { time: last.time, text: line };
      else continue;
      last = { time: time === '' ? (last?.time ?? '') : time, length: line.length };
    }
  } catch (error) {
    // The node went away while it was read; what there is was told.
    if (signal.aborted || isTransportError(error)) return;
    throw error;
  }
}

function podOf({ task, attempt }: LogRequest): ObjectRef | undefined {
  const { status, metadata } = task;
  const namespace = status?.podNamespace ?? metadata.namespace;
  const current = status?.attempt ?? 0;
  const name =
    attempt === current ? status?.podName : status?.attempts?.find((each) => each.attempt === attempt)?.podName;
  return name === undefined ? undefined : { name, namespace };
}
