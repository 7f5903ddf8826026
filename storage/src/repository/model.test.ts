import { describe, expect, test } from '@jest/globals';
import { isStoreError } from '../store-error.ts';
import { collect } from '../testing/collect.ts';
import { loadBlake3 } from './hash.ts';
import { openRepository } from './open-repository.ts';
import { isRepositoryError } from './repository-error.ts';
import { Random } from './testing/random.ts';
import { entriesOf, nameOf, overlaid, randomTree, type Tree } from './testing/trees.ts';
import { type Death, Died, World, type WorldStore } from './testing/world.ts';
import type { ManifestDigest, Repository } from './types.ts';

/** OSMO_RUNS runs more than in every change's tests, OSMO_TEST_SEED other ones. */
const runs = Number(process.env['OSMO_RUNS'] ?? 500);
const firstSeed = Number(process.env['OSMO_TEST_SEED'] ?? 20_261);

const shape = {
  chunkSizes: { least: 64, normal: 256, most: 1024 },
  pageSizes: { least: 1, normal: 2, most: 4 },
  blake3: await loadBlake3(),
  workers: 0,
};
const openOn = (store: WorldStore, create = false): Promise<Repository> =>
  openRepository(store, { ...shape, now: store.now, newName: store.newName, create });

/** What a repository must have, said in the plainest way. */
class Model {
  /** Committed and not deleted. */
  readonly versions = new Map<ManifestDigest, Tree>();
  /** Names of all trees that anybody has tried to commit. */
  readonly tried = new Set<string>();
  /** Deleted, perhaps while somebody committed the same: may be there or not. */
  readonly deleted = new Set<ManifestDigest>();
}

async function treeOf(repository: Repository, manifest: ManifestDigest): Promise<Tree> {
  const version = await repository.open(manifest);
  const tree = new Map<string, { bytes: Buffer; mode: number }>();
  for await (const { path, mode, size } of version.list()) {
    const bytes = Buffer.concat(await collect(version.read(path)));
    if (bytes.byteLength !== size) throw new Error(`${path}: ${bytes.byteLength} bytes instead of ${size}`);
    tree.set(path, { bytes, mode });
  }
  return tree;
}

const randomDeath = (random: Random): Death | undefined =>
  random.chance(0.3) ? { call: random.below(40), after: random.chance(0.5) } : undefined;

/** Somebody commits, perhaps over a version, and may end at any call. */
async function commitSomething(world: World, model: Model, random: Random): Promise<void> {
  const bases = [...model.versions];
  const [base, baseTree] = bases.length > 0 && random.chance(0.6) ? random.pick(bases) : [undefined, undefined];
  const tree = randomTree(random, random.chance(0.7) && bases.length > 0 ? random.pick(bases)[1] : undefined);
  const at = random.chance(0.3) ? random.pick(['a', 'a/b', 'new']) : undefined;
  const removed = random.chance(0.3) ? random.pick(['a', 'ä', '']) : undefined;
  const remove = (path: string): boolean => removed !== undefined && path.startsWith(removed);
  const expected = overlaid(baseTree ?? new Map(), tree, at, remove);
  model.tried.add(nameOf(expected));
  try {
    const repository = await openOn(world.store(randomDeath(random)));
    const { manifest } = await repository.commit(entriesOf(tree, random), { base, at, remove });
    // When it was deleted while it was committed, nobody can say which was first.
    if (!model.deleted.has(manifest)) model.versions.set(manifest, expected);
  } catch (error) {
    if (error instanceof Died || isRepositoryError(error, 'Conflict')) return;
    const lostBase = base !== undefined && model.deleted.has(base);
    if (lostBase && (isStoreError(error, 'NotFound') || isRepositoryError(error, 'Corrupt'))) return;
    throw error;
  }
}

async function deleteSomething(world: World, model: Model, random: Random): Promise<void> {
  const manifests = [...model.versions.keys()];
  if (manifests.length === 0) return;
  const manifest = random.pick(manifests);
  model.versions.delete(manifest);
  model.deleted.add(manifest);
  const repository = await openOn(world.store());
  await repository.delete(manifest);
}

async function collectSomething(world: World, random: Random): Promise<void> {
  try {
    const repository = await openOn(world.store(randomDeath(random)));
    const rewriteBelow = random.pick([0, 0.5, 1]);
    await repository.collectGarbage({ graceSeconds: random.pick([1800, 7200]), rewriteBelow });
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
}

/** Everything that must be there is there, and everything that is there is something that was committed. */
async function check(world: World, model: Model): Promise<void> {
  const repository = await openOn(world.calmStore());
  const present = new Set((await collect(repository.versions())).map(({ manifest }) => manifest));
  for (const manifest of model.versions.keys()) if (!present.has(manifest)) expect(present).toContain(manifest);
  for (const manifest of present) {
    const tree = await treeOf(repository, manifest);
    const expected = model.versions.get(manifest);
    if (expected !== undefined && nameOf(tree) !== nameOf(expected)) expect(tree).toEqual(expected);
    expect(model.tried.has(nameOf(tree))).toBe(true);
  }
}

async function history(random: Random): Promise<{ world: World; model: Model }> {
  const world = new World(random);
  const model = new Model();
  await openOn(world.calmStore(), true);
  for (let round = 2 + random.below(4); round > 0; round--) {
    // What was deleted in earlier rounds is certain by now: gone, unless committed again.
    model.deleted.clear();
    const actions = Array.from({ length: 1 + random.below(4) }, () => {
      const chance = random.next();
      if (chance < 0.6) return commitSomething(world, model, random);
      return chance < 0.8 ? collectSomething(world, random) : deleteSomething(world, model, random);
    });
    await Promise.all(actions);
    await check(world, model);
  }
  return { world, model };
}

/**
 * Collections, far enough apart that nothing holds garbage any more. Packs that are written anew leave lists of files behind, of which packs
 * may then have too little that is needed; that comes to an end.
 */
async function settle(world: World): Promise<Repository> {
  const repository = await openOn(world.calmStore());
  const isOpen = (): boolean => [...world.objects.keys()].some((key) => /^(garbage|intents)\//.test(key));
  for (let time = 0, rewritten = 0; time < 3 || ((rewritten > 0 || isOpen()) && time < 20); time++) {
    world.time += 2 * 86_400_000;
    rewritten = (await repository.collectGarbage()).rewrittenPacks;
  }
  return repository;
}

const chunksOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, number) =>
    items.slice(number * size, (number + 1) * size),
  );
const seeds = Array.from({ length: runs }, (_, number) => firstSeed + number);
const batches = chunksOf(seeds, 250).map((batch) => [batch[0], batch.at(-1), batch] as const);

describe('a repository, by several writers at once that end anywhere while garbage is collected', () => {
  test.each(batches)('keeps every version and no garbage, seeds %i to %i', async (_first, _last, batch) => {
    for (const seed of batch) {
      try {
        const { world, model } = await history(new Random(seed));
        const repository = await settle(world);
        await check(world, model);
        expect(await collect(repository.verify({ data: true }))).toEqual([]);
        const manifests = (await collect(repository.versions())).map(({ manifest }) => manifest);
        const left = [...world.objects.keys()].filter((key) => !/^(format\.json|versions\/|packs\/|index\/)/.test(key));
        expect(left).toEqual([]);
        // No pack that no version needs: without versions nothing is left at all.
        for (const manifest of manifests) await repository.delete(manifest);
        await settle(world);
        expect([...world.objects.keys()]).toEqual(['format.json']);
      } catch (error) {
        throw new Error(`OSMO_TEST_SEED=${seed} OSMO_RUNS=1 does it again`, { cause: error });
      }
    }
  });

  test.each(batches)(
    'names what is damaged, and gives no wrong bytes, seeds %i to %i',
    async (_first, _last, batch) => {
      for (const seed of batch) {
        try {
          const random = new Random(seed);
          const { world, model } = await history(random);
          await settle(world);
          const object = random.pick([...world.objects.keys()].toSorted());
          const { bytes } = world.objects.get(object)!;
          const at = random.below(bytes.byteLength);
          bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
          await checkDamaged(world, model, object);
        } catch (error) {
          throw new Error(`OSMO_TEST_SEED=${seed} OSMO_RUNS=1 does it again`, { cause: error });
        }
      }
    },
  );
});

describe('a process that ends at each of its calls in turn', () => {
  const random = new Random(firstSeed);
  const before = new Map(['a/1', 'a/2', 'b'].map((path) => [path, { bytes: random.bytes(3000), mode: 0o644 }]));
  const after = new Map(['a/2', 'c', 'd'].map((path) => [path, { bytes: random.bytes(3000), mode: 0o644 }]));

  async function start(): Promise<{ world: World; model: Model; base: ManifestDigest }> {
    const world = new World(new Random(firstSeed));
    const model = new Model();
    const repository = await openOn(world.calmStore(), true);
    const gone = await repository.commit(entriesOf(after, random));
    await repository.delete(gone.manifest);
    await repository.collectGarbage({ graceSeconds: 1800 });
    world.time += 1_900_000;
    const { manifest } = await repository.commit(entriesOf(before, random));
    model.versions.set(manifest, before);
    for (const tree of [before, overlaid(before, after, 'a', () => false)]) model.tried.add(nameOf(tree));
    return { world, model, base: manifest };
  }

  test.each([
    [
      'a commit',
      (repository: Repository, base: string): Promise<unknown> =>
        repository.commit(entriesOf(after, random), { base, at: 'a' }),
    ],
    [
      'garbage collection',
      (repository: Repository): Promise<unknown> => repository.collectGarbage({ graceSeconds: 1800 }),
    ],
    ['a deletion', (repository: Repository, base: string): Promise<unknown> => repository.delete(base)],
  ])('%s', async (name, act) => {
    const whole = await start();
    const store = whole.world.store();
    await act(await openOn(store), whole.base);
    expect(store.calls).toBeGreaterThan(1);
    for (let call = 0; call < store.calls; call++) {
      for (const hasEffect of [false, true]) {
        const { world, model, base } = await start();
        try {
          await act(await openOn(world.store({ call, after: hasEffect })), base);
        } catch (error) {
          if (!(error instanceof Died)) throw error;
        }
        if (name === 'a deletion') model.versions.delete(base);
        if (name !== 'a deletion' || call > 0) await check(world, model);
        const repository = await openOn(world.calmStore());
        if (model.versions.has(base)) await act(repository, base);
        const settled = await settle(world);
        expect(await collect(settled.verify({ data: true }))).toEqual([]);
      }
    }
  });
});

async function checkDamaged(world: World, model: Model, object: string): Promise<void> {
  if (object === 'format.json') {
    await expect(openOn(world.calmStore())).rejects.toThrow('format.json');
    return;
  }
  const repository = await openOn(world.calmStore());
  const problems = await collect(repository.verify({ data: true }));
  expect(problems.map((problem) => problem.object)).toContain(object);
  for (const [manifest, expected] of model.versions) {
    try {
      expect(nameOf(await treeOf(repository, manifest))).toBe(nameOf(expected));
    } catch (error) {
      if (!isRepositoryError(error, 'Corrupt')) throw error;
      expect(error.message).toContain(object);
      expect(problems.filter((problem) => problem.manifest === manifest).map((problem) => problem.object)).toContain(
        object,
      );
    }
  }
}
