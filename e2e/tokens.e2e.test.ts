import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '@osmo/kube/testing';
import { run, type RunResult } from '../hack/cluster/system/run.ts';
import { kubeconfig } from './harness/connect.ts';
import { plantTokens, plantSecret } from './secrets/planted.ts';

const minutes = 60_000;
const root = join(import.meta.dirname, '..');
let person: string;
let machine: string;
let url: string;

/** Runs the executable that `make cli` builds, with the login that is kept in a folder. */
const osmo = (folder: string, ...args: string[]): Promise<RunResult> =>
  run(join(root, 'dist/osmo'), args, {
    environment: { PATH: process.env['PATH'], HOME: folder, OSMO_CONFIG_FILE_DIR: folder, OSMO_URL: url, TZ: 'UTC' },
    allowFailure: true,
    timeoutMs: 5 * minutes,
  });
/** Until it succeeds: the suite before may have replaced the gateway. */
const done = (folder: string, ...args: string[]): Promise<RunResult> =>
  until(
    () => osmo(folder, ...args),
    ({ code }) => code === 0,
    3 * minutes,
  );

beforeAll(async () => {
  await run(process.execPath, [join(root, 'hack/cli/build.ts')], { timeoutMs: 8 * minutes });
  const gateway = readFileSync(join(dirname(kubeconfig()), 'env.d/gateway'), 'utf8');
  url = /^export OSMO_URL='(http:\/\/127\.0\.0\.1:\d+)'$/m.exec(gateway)?.[1] ?? '';
  person = mkdtempSync(join(tmpdir(), 'osmo-person-'));
  machine = mkdtempSync(join(tmpdir(), 'osmo-machine-'));
  await done(person, 'login', '--method', 'dev', '--username', 'token-user');
}, 15 * minutes);
afterAll(() => {
  for (const folder of [person, machine]) rmSync(folder, { recursive: true, force: true });
});

test(
  'a token that somebody makes signs a machine in as them, until it is deleted',
  async () => {
    let name = '';
    let tries = 0;
    // Of a name of its own each time: an attempt whose answer was lost may have made one.
    const made = await until(
      () => osmo(person, 'token', 'set', (name = `e2e-${Date.now()}-${tries++}`), '-d', 'of a test'),
      ({ code }) => code === 0,
      3 * minutes,
    );
    const token = made.stdout.trim();
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    plantSecret(token, 'an access token of the suite tokens');
    const welcome = await done(machine, 'login', '--method', 'token', '--token', token);
    expect(welcome.stdout).toContain('Welcome token-user.');
    plantTokens(machine, 'the login of a machine in the suite tokens');
    // Acts in the groups of its user: with none it would see no pool.
    await until(
      () => osmo(machine, 'pool', 'list', '-t', 'json'),
      ({ code, stdout }) => code === 0 && stdout.includes('"default"'),
      3 * minutes,
    );
    const listed = await done(person, 'token', 'list');
    expect(listed.stdout).toMatch(new RegExp(`^${name} +of a test +Active `, 'm'));
    expect(listed.stdout).not.toContain(token);

    await done(person, 'token', 'delete', name);
    const refused = await until(
      () => osmo(machine, 'pool', 'list'),
      ({ code, stderr }) => code !== 0 && stderr.includes('revoked'),
      3 * minutes,
    );
    expect(refused.code).toBe(2);
  },
  15 * minutes,
);

test(
  'somebody chooses a pool for submissions that name none',
  async () => {
    await done(person, 'profile', 'set', 'pool', 'default');
    await until(
      () => osmo(person, 'profile', 'list', '-t', 'json'),
      ({ code, stdout }) => code === 0 && /"pool": *"default"/.test(stdout),
      3 * minutes,
    );
    const wrong = await until(
      () => osmo(person, 'profile', 'set', 'pool', 'nowhere'),
      ({ code, stderr }) => code !== 0 && stderr.includes('no such pool'),
      3 * minutes,
    );
    expect(wrong.stdout).toBe('');
  },
  15 * minutes,
);
