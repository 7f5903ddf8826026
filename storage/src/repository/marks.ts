import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { marksFolder } from './layout.ts';

/** What garbage collection has found and not deleted yet. */
export interface Mark {
  key: string;
  /** By the store's clock, milliseconds: what still is garbage then may be deleted. */
  deleteAfter: number;
  packs: ReadonlySet<string>;
}

const longest = 64 * 1024 * 1024;

/** What is stored beside marks to read the time of the store. */
export const clockPrefix = `${marksFolder}clock-`;

/** Reads all marks; one that can't be read is left out, as whoever collects garbage does too. */
export async function readMarks(store: ObjectStore, signal?: AbortSignal): Promise<Mark[]> {
  const marks: Mark[] = [];
  for await (const { objects } of store.list(marksFolder, { signal })) {
    for (const { key } of objects) {
      const mark = key.startsWith(clockPrefix) ? undefined : await readMark(store, key, signal);
      if (mark !== undefined) marks.push(mark);
    }
  }
  return marks;
}

/** Keys of what is no mark and is older than anybody's use of it; deleting a mark that can't be read only delays what it says. */
export async function staleMarks(
  store: ObjectStore,
  known: readonly Mark[],
  before: Date,
  signal?: AbortSignal,
): Promise<string[]> {
  const keys = new Set(known.map(({ key }) => key));
  const stale: string[] = [];
  for await (const { objects } of store.list(marksFolder, { signal })) {
    for (const { key, modified } of objects) if (!keys.has(key) && modified < before) stale.push(key);
  }
  return stale;
}

async function readMark(store: ObjectStore, key: string, signal: AbortSignal | undefined): Promise<Mark | undefined> {
  try {
    return parseMark(key, (await readAll(store, key, { limit: longest, signal })).toString());
  } catch (error) {
    // Deleted since it was listed.
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** A mark as it is stored: a line of JSON and a pack a line. */
export function encodeMark({ deleteAfter, packs }: Omit<Mark, 'key'>): Buffer {
  const first = JSON.stringify({ deleteAfter: new Date(deleteAfter).toISOString(), packs: packs.size });
  return Buffer.from(`${[first, ...packs].join('\n')}\n`);
}

function parseMark(key: string, text: string): Mark | undefined {
  const [first = '', ...packs] = text.trimEnd().split('\n');
  try {
    const { deleteAfter, packs: count } = JSON.parse(first) as { deleteAfter?: string; packs?: number };
    const time = Date.parse(deleteAfter ?? '');
    if (Number.isNaN(time) || count !== packs.length) return undefined;
    return { key, deleteAfter: time, packs: new Set(packs) };
  } catch {
    return undefined;
  }
}
