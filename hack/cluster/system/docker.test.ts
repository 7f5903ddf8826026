import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { dockerFacts } from './docker.ts';

const folder = mkdtempSync(join(tmpdir(), 'docker-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A client of Docker that answers `info` like this. */
function client(name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n[ "$1 $2" = "info --format" ] || exit 64\n${script}\n`, { mode: 0o755 });
  return file;
}

test.each([
  ['echo 2', { cgroupVersion: 2 }],
  ['echo 1', { cgroupVersion: 1 }],
  ['echo; echo "Cannot connect to the Docker daemon" >&2; exit 1', undefined],
  // Some clients end with 0 without a daemon, and others know no such field.
  ['echo "Cannot connect to the Docker daemon" >&2', undefined],
  ['echo "<no value>"', undefined],
])('a Docker client that does "%s" tells %j', async (script, facts) => {
  expect(await dockerFacts(client(`docker-${script.length}`, script))).toEqual(facts);
});

test('without a client there is no Docker', async () => {
  expect(await dockerFacts(join(folder, 'no-such-program'))).toBeUndefined();
});
