import { comparePaths } from './paths.ts';
import type { FileInfo, Version } from './types.ts';

/** How a path differs between two versions. */
export interface Change {
  path: string;
  change: 'added' | 'removed' | 'changed';
  before?: FileInfo;
  after?: FileInfo;
}

/** What differs from one version to another, in the order of paths: contents, kinds, permissions and where links lead. */
export async function* diff(a: Version, b: Version): AsyncGenerator<Change> {
  const olds = a.list()[Symbol.asyncIterator]();
  const news = b.list()[Symbol.asyncIterator]();
  try {
    let [old, added] = await Promise.all([olds.next(), news.next()]);
    while (old.done !== true || added.done !== true) {
      const order = old.done === true ? 1 : added.done === true ? -1 : comparePaths(old.value.path, added.value.path);
      if (order < 0) {
        yield { path: old.value.path, change: 'removed', before: old.value };
        old = await olds.next();
      } else if (order > 0) {
        yield { path: added.value.path, change: 'added', after: added.value };
        added = await news.next();
      } else {
        if (!isSame(old.value, added.value)) {
          yield { path: old.value.path, change: 'changed', before: old.value, after: added.value };
        }
        [old, added] = await Promise.all([olds.next(), news.next()]);
      }
    }
  } finally {
    await Promise.allSettled([olds.return?.(), news.return?.()]);
  }
}

function isSame(a: FileInfo, b: FileInfo): boolean {
  return a.kind === b.kind && a.digest === b.digest && a.mode === b.mode && a.target === b.target;
}
