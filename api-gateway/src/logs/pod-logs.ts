import { isBadRequest, isNotFound, isTransportError, type KubeClient, type ObjectRef, podLogs } from '@osmo/kube';
import { containerOf } from './container.ts';
import type { LogLine, LogRequest, LogSource } from './log-source.ts';
import { splitLines } from './split-lines.ts';

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
        return linesOf(rest(first, bytes), signal);
      } catch (error) {
        // Gone, or its container has not started; also when it never will.
        if (isNotFound(error) || isBadRequest(error)) return undefined;
        throw error;
      }
    },
  };
}

async function* rest(first: IteratorResult<Uint8Array>, bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.done === true) return;
  yield first.value;
  yield* bytes;
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<LogLine> {
  try {
    for await (const line of splitLines(bytes)) {
      const at = line.indexOf(' ');
      if (at > 0) yield { time: line.slice(0, at), text: line.slice(at + 1) };
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
