import type { TreeEntry } from '../types.ts';
import type { Random } from './random.ts';

/** Contents and permission bits by path. */
export type Tree = ReadonlyMap<string, { bytes: Buffer; mode: number }>;

const segments = ['a', 'b', 'a.b', 'ä', '𝄞', '～', 'a-b', 'long name'];

/** A few files with contents that have parts in common with others of the same source. */
export function randomTree(random: Random, former: Tree | undefined): Tree {
  const tree = new Map<string, { bytes: Buffer; mode: number }>();
  const known = [...(former ?? new Map<string, { bytes: Buffer; mode: number }>()).values()];
  for (let count = random.below(7); count > 0; count--) {
    const depth = 1 + random.below(3);
    const path = Array.from({ length: depth }, () => random.pick(segments)).join('/');
    const clashes = [...tree.keys()].some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`));
    if (clashes) continue;
    const bytes =
      known.length > 0 && random.chance(0.6) ? edited(random, random.pick(known).bytes) : randomBytes(random);
    tree.set(path, { bytes, mode: random.pick([0o644, 0o755, 0o600]) });
  }
  return tree;
}

function randomBytes(random: Random): Buffer {
  const length = random.pick([0, 1, 60, 64, 65, 300, 1024, 1025, 5000]);
  return random.chance(0.2) ? Buffer.alloc(length) : random.bytes(length);
}

function edited(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.byteLength + 1);
  const kept = random.chance(0.5) ? at : Math.min(bytes.byteLength, at + random.below(20));
  return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(20)), bytes.subarray(kept)]);
}

/** What a tree over another one is to be, said in the plainest way. */
export function overlaid(base: Tree, tree: Tree, at: string | undefined, remove: (path: string) => boolean): Tree {
  const result = new Map([...base].filter(([path]) => !remove(path)));
  for (const [name, file] of tree) {
    const path = at === undefined ? name : `${at}/${name}`;
    for (const other of result.keys()) {
      if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) result.delete(other);
    }
    result.set(path, file);
  }
  return result;
}

/** The tree as entries, in any order, whose contents come in pieces. */
export async function* entriesOf(tree: Tree, random: Random): AsyncGenerator<TreeEntry> {
  const files = [...tree];
  while (files.length > 0) {
    const [[path, { bytes, mode }] = ['', { bytes: Buffer.alloc(0), mode: 0 }]] = files.splice(
      random.below(files.length),
      1,
    );
    const pieces = 1 + random.below(3);
    yield {
      path,
      size: bytes.byteLength,
      mode,
      async *open() {
        const length = Math.ceil(bytes.byteLength / pieces);
        for (let start = 0; start < bytes.byteLength; start += length) yield bytes.subarray(start, start + length);
      },
    };
  }
}

/** Equal for equal trees. */
export function nameOf(tree: Tree): string {
  const files = [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(files.map(([path, { bytes, mode }]) => [path, mode, bytes.toString('latin1')]));
}
