import { checkKey } from '../keys.ts';

/*
 * Where records are, below the URL of the archive:
 *
 *   records/<namespace>/<uid>.json.gz                                          the record
 *   by-time/<namespace>/<yyyy>/<mm>/<dd>/<hhmmss>~<name>~<uid>.json            its summary, by the time of its end (UTC)
 *
 * So that a record is found by its UID with one request, and the latest of a namespace without reading the others.
 */

/** What names a record. */
export interface RecordRef {
  namespace: string;
  uid: string;
}

/** What the key of a summary tells without reading it. */
export interface RecordEntry extends RecordRef {
  name: string;
  /** When the workflow ended; seconds are exact. */
  completionTime: Date;
  /** Of the summary. */
  key: string;
}

/** Folder of all summaries; its sub-folders are namespaces. */
export const timeFolder = 'by-time/';

/** Key of a record. @throws RangeError when a part can't be in a key */
export function recordKey({ namespace, uid }: RecordRef): string {
  return checkKey(`records/${plain(namespace)}/${plain(uid)}.json.gz`);
}

/** Key of a record's summary. @throws RangeError when a part can't be in a key, or the time is none */
export function summaryKey({ namespace, name, uid, completionTime }: Omit<RecordEntry, 'key'>): string {
  const [day = '', time = ''] = completionTime.toISOString().split('T');
  const folder = day.replaceAll('-', '/');
  const at = time.slice(0, 8).replaceAll(':', '');
  return checkKey(`${timeFolder}${plain(namespace)}/${folder}/${at}~${plain(name)}~${plain(uid)}.json`);
}

/** Reads the key of a summary; undefined for any other key. */
export function parseSummaryKey(key: string): RecordEntry | undefined {
  const found = /^by-time\/([^/]+)\/(\d{4})\/(\d{2})\/(\d{2})\/(\d{2})(\d{2})(\d{2})~([^~/]+)~([^~/]+)\.json$/.exec(
    key,
  );
  if (found === null) return undefined;
  const [, namespace = '', year, month, day, hour, minute, second, name = '', uid = ''] = found;
  const completionTime = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(completionTime.getTime()) ? undefined : { namespace, name, uid, completionTime, key };
}

/** A part of a key that must not bring separators of its own. */
function plain(part: string): string {
  if (/^[A-Za-z0-9_.-]+$/.test(part)) return part;
  throw new RangeError(
    `${JSON.stringify(part.slice(0, 200))} can't be a part of a key: letters, digits, "_", "." and "-"`,
  );
}
