import type { ObjectStore } from '../object-store.ts';
import type { LogRef } from './layout.ts';
import type { LogEnd } from './stored.ts';
import { type LogWriterOptions, openLog } from './writer.ts';

export interface WriteLogOptions extends Omit<LogWriterOptions, 'flushMs' | 'setTimeout'> {}

/**
 * Stores the log of a container, from its first line to the end of `bytes`, as segments, then the mark that it is whole.
 * Lines begin with the kubelet's time (`timestamps: true`). After a crash it is called again with the log from its first
 * line, or from the time of the last stored one: what is there already is passed over, so that no line is missing or
 * there twice.
 *
 * @throws StoreError; whatever `bytes` throws, in which case what came before is stored and the mark is not
 */
export async function writeLog(
  store: ObjectStore,
  ref: LogRef,
  bytes: AsyncIterable<Uint8Array>,
  options: WriteLogOptions = {},
): Promise<LogEnd> {
  const log = await openLog(store, ref, options);
  if (log.whole !== undefined) return log.whole;
  await log.append(bytes, { isLast: true });
  return log.end();
}
