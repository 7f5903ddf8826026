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

/** Reads all marks; one that can't be read is left out, as whoever collects garbage does too. */
export async function readMarks(store: ObjectStore, signal?: AbortSignal): Promise<Mark[]> {
  const marks: Mark[] = [];
  for await (const { objects } of store.list(marksFolder, { signal })) {
    for (const { key } of objects) {
      try {
        const mark = parseMark(key, (await readAll(store, key, { limit: longest, signal })).toString());
        if (mark !== undefined) marks.push(mark);
      } catch (error) {
        // Deleted since it was listed.
        if (!isStoreError(error, 'NotFound')) throw error;
      }
    }
  }
  return marks;
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
