import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Host } from '../host.ts';
import type { Outgoing } from '../http/exchange.ts';
import type { Config } from './config-file.ts';
import { authoritiesIn, trustingHost } from './authorities.ts';

const pem = (name: string): string => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
let folder: string;
let sent: [string, string | undefined][];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authorities-'));
  sent = [];
  for (const name of ['lab', 'env', 'flag']) writeFileSync(join(folder, name), pem(name));
});
afterEach(() => rmSync(folder, { recursive: true }));

const contexts = (): Config['contexts'] => ({
  lab: { url: 'https://lab.example/team', 'certificate-authority': join(folder, 'lab') },
  plain: { url: 'https://plain.example' },
});

function trusting(env: Host['env'] = {}) {
  const exchange: Host['exchange'] = async (address, { ca }) => {
    sent.push([address, ca]);
    return { status: 200, headers: {}, body: (async function* none() {})() };
  };
  const host = { env, cwd: folder, exchange } as unknown as Host;
  return trustingHost(host, async () => ({ contexts: contexts() }));
}
const request: Outgoing = { method: 'GET', headers: {}, body: undefined, signal: new AbortController().signal };

test('a gateway’s authorities are trusted with it alone: not with identity providers, other gateways, or in the clear', async () => {
  const { host } = trusting({ OSMO_URL: 'https://env.example', OSMO_CERTIFICATE_AUTHORITY: 'env' });
  const addresses = ['https://lab.example/team/api/version', 'https://env.example/api', 'https://plain.example/api'];
  for (const address of [...addresses, 'https://login.example/token', 'http://lab.example/team/api'])
    await host.exchange(address, request);
  expect(sent.map(([, ca]) => ca)).toEqual([pem('lab'), pem('env'), undefined, undefined, undefined]);
});

test('what the command line says wins over what was stored', async () => {
  const { host, trust } = trusting();
  await host.exchange('https://lab.example/api', request);
  trust('https://lab.example/team', join(folder, 'flag'));
  await host.exchange('https://lab.example/api', request);
  expect(sent.map(([, ca]) => ca)).toEqual([pem('lab'), pem('flag')]);
});

test('a file that is not there, or holds no certificate, is said by its name', () => {
  writeFileSync(join(folder, 'key'), 'PRIVATE');
  expect(() => authoritiesIn({ cwd: folder }, 'gone')).toThrow('--certificate-authority gone: can');
  expect(() => authoritiesIn({ cwd: folder }, 'key')).toThrow(
    '--certificate-authority key: holds no certificate (PEM)',
  );
});
