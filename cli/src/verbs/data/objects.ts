import type { ObjectInfo, ObjectStore } from '@osmo/storage';

/** What is at a path: the object of that key, and all below the folder of that name; page by page, or one level only. */
export async function* objectsAt(
  store: ObjectStore,
  path: string,
  { signal, shallow = false }: { signal: AbortSignal; shallow?: boolean },
): AsyncGenerator<{ objects: readonly ObjectInfo[]; folders: readonly string[] }> {
  const bare = path.replace(/\/+$/, '');
  const one = bare === '' || path.endsWith('/') ? undefined : await store.head(bare, { signal });
  if (one !== undefined) yield { objects: [one], folders: [] };
  yield* store.list(bare === '' ? '' : `${bare}/`, { signal, shallow });
}

/** The path of a key below a place, as filters see it; of the object itself its name. */
export function pathBelow(path: string, key: string): string {
  const bare = path.replace(/\/+$/, '');
  if (bare === '') return key;
  return key.startsWith(`${bare}/`) ? key.slice(bare.length + 1) : (key.split('/').at(-1) ?? key);
}
