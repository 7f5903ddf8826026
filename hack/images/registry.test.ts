import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { realArchives, registryAnswers } from './registry.ts';
import type { StandIn } from './stand-ins.ts';

describe('real base images', () => {
  let cache: string;
  let pulled: string[];
  const images: StandIn[] = [
    {
      layers: ['busybox'],
      config: {},
      names: ['docker.io/library/a:1', 'docker.io/library/a:latest'],
      difference: 'x',
    },
    { layers: ['debian'], config: {}, names: ['docker.io/library/b:1'], difference: 'x' },
  ];
  const get = (options: { answers?: boolean; failing?: string; environment?: NodeJS.ProcessEnv } = {}) =>
    realArchives(images, () => undefined, {
      answers: async () => options.answers ?? true,
      pull: async (name, file) => {
        pulled.push(name);
        if (name === options.failing) throw new Error('toomanyrequests');
        writeFileSync(file, name);
      },
      environment: { OSMO_CACHE_DIR: cache, ...options.environment },
    });
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'osmo-registry-'));
    pulled = [];
  });
  afterEach(() => rmSync(cache, { recursive: true, force: true }));

  test('are pulled once, by their first names, and kept', async () => {
    const archives = await get();
    expect(archives?.map(({ names, aliases }) => [names, aliases])).toEqual([
      [['docker.io/library/a:1'], ['docker.io/library/a:latest']],
      [['docker.io/library/b:1'], []],
    ]);
    expect(archives?.every(({ file }) => existsSync(file))).toBe(true);
    expect(await get({ answers: false })).toEqual(archives);
    expect(pulled).toEqual(['docker.io/library/a:1', 'docker.io/library/b:1']);
  });

  test('are not asked for where nobody answers, or where stand-ins are wanted', async () => {
    expect(await get({ answers: false })).toBeUndefined();
    expect(await get({ environment: { OSMO_BASE_IMAGES: 'stand-ins' } })).toBeUndefined();
    expect(pulled).toEqual([]);
  });

  test('are used all or none, and one that could not be pulled leaves no file', async () => {
    expect(await get({ failing: 'docker.io/library/b:1' })).toBeUndefined();
    expect(readdirSync(join(cache, 'images'))).toEqual(['real-docker.io-library-a-1.tar']);
  });
});

test.each([
  ['says hello', async () => new Response('', { status: 401 }), true],
  ['lets everyone in', async () => new Response('{}'), true],
  ['is a proxy that refuses', async () => new Response('', { status: 403 }), false],
  ['does not exist', () => Promise.reject(new TypeError('fetch failed')), false],
])('a registry that %s answers: %s', async (_, ask, want) => {
  expect(await registryAnswers(ask)).toBe(want);
});
