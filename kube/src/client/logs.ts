import { Pod } from './kinds/pod.ts';
import { pathOf } from './resource.ts';
import type { KubeClient, ObjectRef } from './types.ts';

export interface LogOptions {
  container?: string | undefined;
  /** Goes on until the container ends; the kubelet may end it sooner, e.g. when the log is rotated. */
  follow?: boolean | undefined;
  /** Of the container's previous run. */
  previous?: boolean | undefined;
  /** Each line begins with its time, RFC 3339 with nanoseconds. */
  timestamps?: boolean | undefined;
  sinceTime?: string | undefined;
  tailLines?: number | undefined;
  limitBytes?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * A container's log as raw bytes, which may be cut anywhere, within characters too. Leaving the loop early closes the
 * connection.
 *
 * @throws KubeError, e.g. 400 while the container is waiting to start, 404 when the pod is gone.
 */
export async function* podLogs(
  client: Pick<KubeClient, 'stream'>,
  ref: ObjectRef,
  options: LogOptions = {},
): AsyncGenerator<Uint8Array> {
  const { signal, ...query } = options;
  const { body } = await client.stream('GET', pathOf(Pod, ref, 'log'), {
    signal,
    query,
    headers: { accept: 'text/plain, */*' },
  });
  yield* body;
}
