import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Failure } from '../failure.ts';
import { readConfig } from './config-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'osmo-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file of contexts', () => {
  test('that is not there is empty', async () => {
    expect(await readConfig(join(folder, 'none.yaml'))).toEqual({ contexts: {} });
  });

  test.each([
    [
      'contexts:\n  a: {url: "http://x", login: {method: token, token: very-secret]}}\n',
      /^.*: is no YAML: .*; mend or remove/,
    ],
    ['a: [very-secret', /is no YAML/],
    ['contexts: 5', /contexts: must be a map/],
    ['- very-secret', /the file: must be a map/],
    ['\u0000very-secret', /is no YAML|must be a map/],
  ])('%j is refused on one line, without what is in it', async (text, message) => {
    const path = join(folder, 'broken.yaml');
    writeFileSync(path, text);
    const error: unknown = await readConfig(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).message).toMatch(message);
    expect((error as Failure).message).not.toMatch(/very-secret|\n/);
  });

  test('that is a folder says so', async () => {
    const path = join(folder, 'folder');
    mkdirSync(path);
    await expect(readConfig(path)).rejects.toThrow(`${path}: can't be read: EISDIR`);
  });
});
