import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, Secret } from '@osmo/kube';
import {
  connectToTestCluster,
  installDefinitions,
  newNamespace,
  testCertificate,
  testKey,
  until,
} from '@osmo/kube/testing';
import { type ImageRegistry, startImageRegistry } from '../../../hack/testing/image-registry.ts';
import { Credentials } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { grant } from '../testing/rights.ts';

/* Logins that are set are tried at a real registry, by both ways that registries ask. */

const password = 'hidden-word';
/** The password above. */
const htpasswd = 'robot:$2b$05$abcdefghijklmnopqrstuubffnHHWEefL.V5LI.1Ci2pzO69f1oq6\n';
/** A port that nobody listens on, for a login that isn't to be tried. */
const untried = '127.0.0.1:1';
const service = 'registry.test';
let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
let tokens: Server;
const registries: Record<string, ImageRegistry> = {};
const undo: (() => Promise<unknown>)[] = [];
const person = (): string => `ada-${namespace}`;

/** What the registry knows the key of tokens by (of libtrust): 240 bits of the SHA-256 of the public key, in base32. */
function keyId(): string {
  const der = createPublicKey(testCertificate).export({ type: 'spki', format: 'der' });
  const bits = [...createHash('sha256').update(der).digest().subarray(0, 30)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const letters = (bits.match(/.{5}/g) ?? []).map(
    (five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)],
  );
  return (letters.join('').match(/.{4}/g) ?? []).join(':');
}

function token(): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'tokens.test',
    sub: 'robot',
    aud: service,
    iat: now,
    nbf: now - 60,
    exp: now + 600,
    jti: 'x',
    access: [],
  };
  const parts = [{ typ: 'JWT', alg: 'ES256', kid: keyId() }, claims];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(text), { key: createPrivateKey(testKey), dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'registry');
  const rules = [{ apiGroups: ['osmo.dev'], resources: ['credentials'], verbs: ['create', 'patch', 'delete'] }];
  undo.push(await grant(admin, person(), { kind: 'User', name: person() }, rules, namespace));
  tokens = createServer((request, response) => {
    const isRight = request.headers.authorization === `Basic ${Buffer.from(`robot:${password}`).toString('base64')}`;
    response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isRight ? { token: token() } : { errors: [] }));
  });
  await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
  const realm = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`;
  registries['a password'] = await startImageRegistry({ htpasswd });
  const auth = { realm, service, issuer: 'tokens.test', certificate: testCertificate };
  registries['a token'] = await startImageRegistry({ token: auth });
  gateway = await startGateway([
    `--default-namespace=${namespace}`,
    '--requests-per-second=1000',
    '--outgoing-allow=127.0.0.1',
    `--trust-registry=${untried}`,
  ]);
  await until(
    () => gateway.send('/api/credentials', { as: person() }),
    ({ status }) => status === 200,
  );
}, 300_000);
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await Promise.all(Object.values(registries).map((registry) => registry.stop()));
  tokens?.closeAllConnections();
  await new Promise((resolve) => tokens?.close(resolve));
  for (const each of undo.toReversed()) await each();
  await admin?.close();
});

async function set(name: string, login: object): Promise<{ status: number; text: string }> {
  const response = await gateway.send(`/api/credentials/${name}`, {
    method: 'POST',
    as: person(),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ registry_credential: login }),
  });
  return { status: response.status, text: await response.text() };
}
const entries = async () => (await admin.list(Credentials, { namespace })).items;

describe.each(['a password', 'a token'])('a registry that asks for %s', (kind) => {
  const registry = () => (registries[kind] as ImageRegistry).host;

  test('lets nobody in by a wrong one, of which nothing is kept or said', async () => {
    const { status, text } = await set('wrong', { registry: registry(), username: 'robot', auth: 'not-the-word' });
    expect([status, text]).toEqual([400, expect.stringContaining('refuses the login (HTTP 401)')]);
    expect(JSON.parse(text)).toMatchObject({ error_code: 'CREDENTIAL' });
    expect(text).not.toContain('not-the-word');
    expect((await entries()).map(({ spec }) => spec.name)).not.toContain('wrong');
  });

  test('lets in whoever has it, and the login is kept as the kubelet reads it', async () => {
    const profile = `${registry()}/team`;
    const { status, text } = await set('right', { registry: profile, username: 'robot', auth: password });
    expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ cred_type: 'REGISTRY', profile })]);
    const entry = (await entries()).find(({ spec }) => spec.profile === profile);
    const { data = {} } = await admin.get(Secret, { namespace, name: entry?.metadata.name ?? '' });
    const file = Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString();
    const auth = Buffer.from(`robot:${password}`).toString('base64');
    expect(JSON.parse(file)).toMatchObject({ auths: { [profile]: { auth } } });
  });
});

test('what an administrator trusts is kept without a trial; what nobody answers for is not', async () => {
  expect(await set('trusted', { registry: `${untried}/team`, username: 'robot', auth: 'any' })).toMatchObject({
    status: 200,
  });
  const away = await set('away', { registry: '127.0.0.1:2', username: 'robot', auth: 'not-the-word' });
  expect([away.status, away.text]).toEqual([400, expect.stringContaining('disableRegistryValidation')]);
  expect(JSON.stringify(gateway.logger)).not.toMatch(/hidden-word|not-the-word/);
});
