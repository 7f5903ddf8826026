import { KubeError, TransportReason } from './errors.ts';
import { LineSplitter } from './lines.ts';
import { errorFromStatus, isStatus } from './status.ts';
import type { KubeObject, RawStream, WatchEvent } from './types.ts';

/** Longest watch line, bytes. The apiserver takes objects up to about 3 MiB; JSON and managedFields come on top. */
const maxLineBytes = 16 << 20;

/**
 * Turns the body of a watch into events; ends when the body ends at a line's end.
 *
 * @throws KubeError: the server's own for an ERROR event, else a `TransportReason` (malformed, truncated, too large, and
 *   whatever the stream throws).
 */
export async function* watchEvents<T extends KubeObject>(
  stream: RawStream,
  path: string,
): AsyncGenerator<WatchEvent<T>> {
  const lines = new LineSplitter(maxLineBytes);
  let ready: string[] = [];
  for await (const chunk of stream.body) {
    try {
      lines.push(chunk, (line) => ready.push(line));
    } catch (error) {
      throw watchError(path, TransportReason.tooLarge, (error as Error).message);
    }
    const batch = ready;
    ready = [];
    for (const line of batch) yield parseEvent<T>(line, path);
  }
  const rest = lines.pendingBytes;
  if (rest > 0)
    throw watchError(path, TransportReason.truncated, `the stream ended within a line, after ${rest} bytes of it`);
}

/** @throws KubeError for an ERROR event and for anything that is not an event. */
export function parseEvent<T extends KubeObject>(line: string, path: string): WatchEvent<T> {
  let event: { type?: unknown; object?: unknown } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch {
    throw watchError(path, TransportReason.malformed, `not JSON: a line of ${line.length} characters`);
  }
  if (event?.type === 'ERROR' && isStatus(event.object)) {
    throw errorFromStatus(event.object, { method: 'WATCH', path, fallback: 500 });
  }
  if (!isEvent<T>(event)) {
    throw watchError(path, TransportReason.malformed, `not a watch event: ${describe(event)}`);
  }
  return event;
}

function isEvent<T extends KubeObject>(event: unknown): event is WatchEvent<T> {
  const { type, object } = (event ?? {}) as { type?: unknown; object?: Partial<KubeObject> | null };
  const metadata = object?.metadata;
  if (typeof metadata?.resourceVersion !== 'string') return false;
  if (type === 'BOOKMARK') return true;
  return (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') && typeof metadata.name === 'string';
}

function describe(event: unknown): string {
  if (typeof event !== 'object' || event === null) return typeof event;
  const { type } = event as { type?: unknown };
  return typeof type === 'string' ? `type ${JSON.stringify(type.slice(0, 32))}` : 'no type';
}

function watchError(path: string, reason: string, what: string): KubeError {
  return new KubeError({ status: 0, reason, message: `WATCH ${path}: ${what}`, method: 'WATCH', path });
}
