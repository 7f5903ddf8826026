import { createCipheriv } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type S3Server, startS3Server } from '../../../hack/testing/s3-server.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore } from '../open-store.ts';
import { collect } from '../testing/collect.ts';
import { openRepository } from './open-repository.ts';

let server: S3Server;
let root: string;
let store: ObjectStore;

beforeAll(async () => {
  server = await startS3Server();
  server.makeBucket('versions');
  root = await mkdtemp(join(tmpdir(), 'osmo-repository-'));
  store = await openStore(`s3://versions/robots?endpoint=${server.endpoint}&region=${server.region}`, {
    credentials: server.credentials,
    environment: {},
  });
}, 30 * 60_000);
afterAll(async () => {
  await store.close();
  await server.stop();
  await rm(root, { recursive: true });
});

test('a repository on an S3 server: two writers at once, a second version, a range, and what is left when one goes, and another', async () => {
  const folder = join(root, 'in');
  await mkdir(folder);
  const chance = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  const large = chance.update(Buffer.alloc(40 * 1024 * 1024));
  await writeFile(join(folder, 'large'), large);
  await writeFile(join(folder, 'small'), 'small');
  const [one, other] = await Promise.all([
    openRepository(store, { create: true, workers: 2 }),
    openRepository(store, { create: true, workers: 0 }),
  ]);
  try {
    const [first, same] = await Promise.all([one.commit({ folder }), other.commit({ folder })]);
    expect(same.manifest).toBe(first.manifest);
    await writeFile(join(folder, 'small'), 'changed');
    const second = await one.commit({ folder }, { base: first.manifest });
    expect(second.storedBytes).toBeLessThan(20_000);
    const version = await other.open(second.manifest);
    const range = Buffer.concat(await collect(version.read('large', { offset: 20_000_000, length: 1_000_000 })));
    expect(range.equals(large.subarray(20_000_000, 21_000_000))).toBe(true);
    await one.delete(first.manifest);
    await one.collectGarbage({ graceSeconds: 0, rewriteBelow: 0 });
    expect(await collect(one.verify({ data: true }))).toEqual([]);
    await version.restore(join(root, 'out'));
    expect((await readFile(join(root, 'out/large'))).equals(large)).toBe(true);
    expect(await readFile(join(root, 'out/small'), 'utf8')).toBe('changed');
    // Of the pack with the beginning of the large file little is needed then: it is stored anew, and goes.
    await writeFile(join(folder, 'large'), large.subarray(0, 4_000_000));
    const third = await one.commit({ folder });
    await one.delete(second.manifest);
    const { rewrittenPacks, keptBytes } = await one.collectGarbage({ graceSeconds: 0 });
    expect(rewrittenPacks).toBeGreaterThan(0);
    expect(keptBytes).toBeLessThan(8_000_000);
    expect(await collect(one.verify({ data: true }))).toEqual([]);
    const rest = Buffer.concat(await collect((await other.open(third.manifest)).read('large')));
    expect(rest.equals(large.subarray(0, 4_000_000))).toBe(true);
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
});
