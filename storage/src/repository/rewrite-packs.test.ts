import { beforeEach, describe, expect, test } from '@jest/globals';
import { collect } from '../testing/collect.ts';
import { openRepository } from './open-repository.ts';
import { Random } from './testing/random.ts';
import { entriesOf, type Tree } from './testing/trees.ts';
import { World, type WorldStore } from './testing/world.ts';
import type { ManifestDigest, Repository } from './types.ts';

const random = new Random(20_261);
const file = (bytes: number): { bytes: Buffer; mode: number } => ({ bytes: random.bytes(bytes), mode: 0o644 });
const openOn = (store: WorldStore): Promise<Repository> =>
  openRepository(store, {
    chunkSizes: { least: 64, normal: 256, most: 1024 },
    pageSizes: { least: 1, normal: 2, most: 4 },
    workers: 0,
    create: true,
    now: store.now,
    newName: store.newName,
  });
const contentsOf = async (repository: Repository, manifest: ManifestDigest, path: string): Promise<Buffer> =>
  Buffer.concat(await collect((await repository.open(manifest)).read(path)));

let world: World;
let repository: Repository;
const packBytes = (): number =>
  [...world.objects].reduce((sum, [key, { bytes }]) => sum + (key.startsWith('packs/') ? bytes.byteLength : 0), 0);
const twoDaysLater = (): void => {
  world.time += 2 * 86_400_000;
};

/** A version of a small and a large file in one pack, and one that still has the small one after the first is deleted. */
async function sparse(): Promise<{ manifest: ManifestDigest; small: Buffer; large: Buffer }> {
  const [small, large] = [file(3000), file(40_000)];
  const both: Tree = new Map([
    ['a/large', large],
    ['a/small', small],
  ]);
  const first = await repository.commit(entriesOf(both, random));
  const { manifest } = await repository.commit(entriesOf(new Map([['b/small', small]]), random));
  await repository.delete(first.manifest);
  return { manifest, small: small.bytes, large: large.bytes };
}

beforeEach(async () => {
  world = new World(random);
  repository = await openOn(world.calmStore());
});

describe('packs of which little is needed', () => {
  test('are written anew and go; the version keeps its digest and its contents', async () => {
    const { manifest, small } = await sparse();
    const reader = await repository.open(manifest);
    expect((await repository.collectGarbage()).rewrittenPacks).toBe(1);
    // Whoever has opened it before can go on.
    expect(Buffer.concat(await collect(reader.read('b/small'))).equals(small)).toBe(true);
    twoDaysLater();
    expect(await repository.collectGarbage()).toMatchObject({ rewrittenPacks: 0 });
    expect(packBytes()).toBeLessThan(6000);
    expect((await contentsOf(repository, manifest, 'b/small')).equals(small)).toBe(true);
    expect(await collect(repository.verify({ data: true }))).toEqual([]);
    expect((await collect(repository.versions())).map((each) => each.manifest)).toEqual([manifest]);
    // What is needed once more is found where it is now.
    const again = new Map([['c/small', { bytes: small, mode: 0o644 }]]);
    expect((await repository.commit(entriesOf(again, random))).storedBytes).toBeLessThan(1000);
  });

  test('stay when that is not wanted, and when more of them is needed', async () => {
    await sparse();
    expect((await repository.collectGarbage({ rewriteBelow: 0 })).rewrittenPacks).toBe(0);
    expect((await repository.collectGarbage({ rewriteBelow: 0.05 })).rewrittenPacks).toBe(0);
    const whole = new Map([['whole', file(40_000)]]);
    await repository.commit(entriesOf(whole, random));
    expect((await repository.collectGarbage({ rewriteBelow: 1 })).rewrittenPacks).toBe(1);
    // All of what there is now is needed.
    expect((await repository.collectGarbage({ rewriteBelow: 1 })).rewrittenPacks).toBe(0);
  });

  test('go at once where nobody writes', async () => {
    const { manifest, small } = await sparse();
    expect((await repository.collectGarbage({ graceSeconds: 0 })).rewrittenPacks).toBe(1);
    expect(packBytes()).toBeLessThan(6000);
    expect((await contentsOf(repository, manifest, 'b/small')).equals(small)).toBe(true);
  });

  test('stay as they are when something in them is damaged', async () => {
    const { manifest } = await sparse();
    const damaged = [...world.objects].find(([key]) => key.startsWith('packs/'))?.[1];
    for (let at = 8; at < 44_000; at += 50) damaged!.bytes[at]! ^= 1;
    const before = world.objects.size;
    expect((await repository.collectGarbage()).rewrittenPacks).toBe(0);
    expect((await collect(repository.verify({ data: true }))).some((problem) => problem.manifest === manifest)).toBe(
      true,
    );
    twoDaysLater();
    await repository.collectGarbage();
    // What was written before the damage was met is garbage, and gone.
    expect(world.objects.size).toBeLessThanOrEqual(before);
  });

  test('do not bring back a version that is deleted meanwhile', async () => {
    const { manifest } = await sparse();
    const store = world.calmStore();
    const put = store.put.bind(store);
    store.put = async (key, body, options) => {
      if (options?.ifMatch !== undefined) await world.calmStore().delete(key);
      return put(key, body, options);
    };
    await (await openOn(store)).collectGarbage();
    expect(await collect(repository.versions())).toEqual([]);
    await expect(repository.open(manifest)).rejects.toMatchObject({ reason: 'NotFound' });
    for (let time = 0; time < 3; time++) {
      twoDaysLater();
      await repository.collectGarbage();
    }
    expect([...world.objects.keys()]).toEqual(['format.json']);
  });

  test('stay for a version that begins to need more of them meanwhile', async () => {
    const { manifest, small, large } = await sparse();
    const store = world.calmStore();
    const list = store.list.bind(store);
    let lists = 0;
    let other = '';
    store.list = async function* listed(folder, options) {
      // Between finding what is needed of packs and the look at versions that is for moving them.
      if (folder === 'versions/' && ++lists === 2) {
        const again = new Map([['x/large', { bytes: large, mode: 0o600 }]]);
        const { manifest: made, storedBytes } = await repository.commit(entriesOf(again, random));
        // Nearly all of it is in the pack that is being written anew.
        expect(storedBytes).toBeLessThan(20_000);
        other = made;
      }
      yield* list(folder, options);
    };
    await (await openOn(store)).collectGarbage();
    for (let time = 0; time < 3; time++) {
      expect((await contentsOf(repository, manifest, 'b/small')).equals(small)).toBe(true);
      expect((await contentsOf(repository, other, 'x/large')).equals(large)).toBe(true);
      twoDaysLater();
      await repository.collectGarbage();
    }
    expect(await collect(repository.verify({ data: true }))).toEqual([]);
  });
});
