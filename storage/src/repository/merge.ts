import type { Entry } from './page.ts';
import { comparePaths } from './paths.ts';
import { RepositoryError } from './repository-error.ts';

interface Held {
  entry: Entry;
  isNew: boolean;
}

/**
 * Puts new entries over those of a base, both in the order of paths: the same path, a file where a folder was and a folder where a
 * file was become what is new. Reads ahead by one entry on each side.
 *
 * @param remove which paths of the base not to take over
 * @throws RepositoryError Refused when new entries contradict each other, naming both
 */
export async function* mergeEntries(
  base: AsyncIterable<Entry>,
  fresh: AsyncIterable<Entry>,
  remove: (path: string) => boolean,
): AsyncGenerator<Entry> {
  let held: Held | undefined;
  for await (const next of inOrder(base, fresh, remove)) {
    if (held === undefined) held = next;
    else if (held.entry.path === next.entry.path) {
      if (held.isNew && next.isNew) throw refusal(next, `is given twice`);
      if (next.isNew) held = next;
    } else if (next.entry.path.startsWith(`${held.entry.path}/`)) {
      if (held.entry.kind === 'folder' || !held.isNew) held = next;
      else if (next.isNew)
        throw refusal(next, `is below ${JSON.stringify(held.entry.path)}, which is a ${held.entry.kind}`);
    } else {
      yield held.entry;
      held = next;
    }
  }
  if (held !== undefined) yield held.entry;
}

function refusal({ entry }: Held, what: string): RepositoryError {
  return new RepositoryError('Refused', `path ${JSON.stringify(entry.path)}: ${what}`);
}

async function* inOrder(
  base: AsyncIterable<Entry>,
  fresh: AsyncIterable<Entry>,
  remove: (path: string) => boolean,
): AsyncGenerator<Held> {
  const former = base[Symbol.asyncIterator]();
  const news = fresh[Symbol.asyncIterator]();
  try {
    let [old, added] = await Promise.all([former.next(), news.next()]);
    while (old.done !== true || added.done !== true) {
      if (old.done !== true && (added.done === true || comparePaths(old.value.path, added.value.path) <= 0)) {
        if (!remove(old.value.path)) yield { entry: old.value, isNew: false };
        old = await former.next();
      } else if (added.done !== true) {
        yield { entry: added.value, isNew: true };
        added = await news.next();
      }
    }
  } finally {
    await Promise.allSettled([former.return?.(), news.return?.()]);
  }
}
