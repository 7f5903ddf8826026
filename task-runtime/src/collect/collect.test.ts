import { mkdir, mkdtemp, rm, utimes, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openStore } from '@osmo/storage';
import { openRepository } from '@osmo/storage/repository';
import { collect, type CollectWorld } from './collect.ts';
import type { CollectSettings } from './settings.ts';

let root: string;
let settings: CollectSettings;
const never = new AbortController().signal;
const day = 86_400_000;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'osmo-collect-'));
  await writeFile(join(root, 'token'), 'of-the-pod\n');
  settings = {
    gateway: 'http://gateway.test',
    bucket: 'team-a.robots',
    graceSeconds: 86_400,
    tokenFile: join(root, 'token'),
    credential: join(root, 'no-credential'),
  };
});
afterEach(() => rm(root, { recursive: true }));

/** A gateway that knows these manifests; what it was asked. */
function worldOf(manifests: unknown, more: Partial<CollectWorld> = {}) {
  const asked: string[] = [];
  const said: string[] = [];
  const world: CollectWorld = {
    fetch: (async (url: string, init: RequestInit) => {
      asked.push(`${new Headers(init.headers).get('authorization')} ${url}`);
      if (manifests === 'refused') return Response.json({ message: 'you may not' }, { status: 403 });
      return Response.json(url.endsWith('/location') ? { path: `file://${root}/store` } : { manifests });
    }) as typeof fetch,
    now: () => new Date(),
    environment: {},
    say: (line) => said.push(line),
    ...more,
  };
  return { world, asked, said };
}

/** Commits a file of these contents. */
async function commit(text: string): Promise<string> {
  await mkdir(join(root, text), { recursive: true });
  await writeFile(join(root, text, 'file'), text);
  return inRepository(async (repository) => (await repository.commit({ folder: join(root, text) })).manifest);
}

async function inRepository<T>(
  use: (repository: Awaited<ReturnType<typeof openRepository>>) => Promise<T>,
): Promise<T> {
  const store = await openStore(`file://${root}/store`);
  const repository = await openRepository(store, { create: true, workers: 0 });
  try {
    return await use(repository);
  } finally {
    await repository.close();
    await store.close();
  }
}

const stored = (): Promise<string[]> =>
  inRepository(async (repository) => {
    const manifests: string[] = [];
    for await (const { manifest } of repository.versions()) manifests.push(manifest);
    return manifests.toSorted();
  });

/** As if all that is stored were of the day before yesterday. */
async function age(): Promise<void> {
  const then = new Date(Date.now() - 2 * day);
  for (const entry of await readdir(join(root, 'store'), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), then, then);
}

test('versions that nobody names go when they are old, the others stay', async () => {
  const [kept, orphan] = [await commit('kept'), await commit('orphan')];
  const { world, asked, said } = worldOf([kept]);
  await collect(settings, world, never);
  expect(await stored()).toEqual([kept, orphan].toSorted());
  await age();
  await collect(settings, world, never);
  expect(await stored()).toEqual([kept]);
  expect(said.at(-1)).toMatch(/^bucket team-a\.robots: deleted 1 versions that nobody names/);
  expect(new Set(asked)).toEqual(
    new Set(
      ['location', 'manifests'].map((what) => `Bearer of-the-pod http://gateway.test/api/bucket/team-a.robots/${what}`),
    ),
  );
});

test.each<[string, unknown, string]>([
  ['it refuses', 'refused', 'http://gateway.test refused location of bucket team-a.robots: you may not (HTTP 403)'],
  ['its answer can not be read', { none: true }, 'bucket team-a.robots: the gateway does not say what is in use'],
])('nothing is deleted when the gateway does not say what is in use: %s', async (_, manifests, message) => {
  const orphan = await commit('orphan');
  await age();
  await expect(collect(settings, worldOf(manifests).world, never)).rejects.toThrow(message);
  expect(await stored()).toEqual([orphan]);
});
