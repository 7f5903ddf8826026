import { checkKey } from '../keys.ts';

/*
 * Where the log of one container of one attempt is, below the URL of the log store:
 *
 *   logs/<namespace>/<workflow UID>/<task UID>/<attempt>/<container>/00000000.log.gz     segments of whole lines, from 0
 *   logs/<namespace>/<workflow UID>/<task UID>/<attempt>/<container>/end.json            when the log has come to its end
 */

/** Names the log of one container of one attempt. */
export interface LogRef {
  namespace: string;
  workflowUid: string;
  taskUid: string;
  /** From 0. */
  attempt: number;
  container: string;
}

/** Folder of a log. @throws RangeError when a part can't be in a key */
export function logFolder({ namespace, workflowUid, taskUid, attempt, container }: LogRef): string {
  if (!Number.isSafeInteger(attempt) || attempt < 0) throw new RangeError(`attempt ${attempt}: must be an integer ≥ 0`);
  const parts = [namespace, workflowUid, taskUid, String(attempt), container];
  const wrong = parts.find((part) => part.includes('/'));
  if (wrong !== undefined) throw new RangeError(`${JSON.stringify(wrong)}: "/" can't be a part of a log's name`);
  return `${checkKey(`logs/${parts.join('/')}`)}/`;
}

/** Key of a segment. */
export function segmentKey(folder: string, index: number): string {
  return `${folder}${String(index).padStart(8, '0')}.log.gz`;
}

/** Number of a segment; undefined for any other key. */
export function segmentIndex(key: string): number | undefined {
  const found = /\/(\d{8})\.log\.gz$/.exec(key);
  return found === null ? undefined : Number(found[1]);
}

/** Key of what says that the log is whole. */
export function endKey(folder: string): string {
  return `${folder}end.json`;
}
