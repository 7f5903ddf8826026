import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { GoogleIdentity } from './access.ts';
import type { ExternalAccount } from './account.ts';
import type { Answer, Ask } from './http.ts';
import { googleTokens } from './token.ts';

const url = 'gs://robots';

interface Prepared {
  status?: number;
  body: object;
}

function answering(...answers: Prepared[]) {
  const asked: Ask[] = [];
  const ask = async (request: Ask): Promise<Answer> => {
    asked.push(request);
    const { status = 200, body } = answers[Math.min(asked.length, answers.length) - 1] ?? { body: {} };
    async function* text(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(JSON.stringify(body));
    }
    return { status, headers: {}, body: text() };
  };
  return { ask, asked };
}

const formOf = (request: Ask | undefined) =>
  Object.fromEntries(new URLSearchParams(Buffer.concat(request?.body ?? []).toString()));
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const account = (pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))): GoogleIdentity => ({
  kind: 'account',
  account: { kind: 'service_account', email: 'a@b', privateKey: pem, keyId: 'k', tokenUrl: 'https://tokens.test/t' },
});

test('a service account signs what it asks with, and keeps its token until shortly before its end', async () => {
  const { ask, asked } = answering(
    { body: { access_token: 'one', expires_in: 3600 } },
    { body: { access_token: 'two', expires_in: 3600 } },
  );
  let time = 5_000_000;
  const tokens = googleTokens(account(), { url, ask, now: () => time });
  expect(await Promise.all([tokens(), tokens()])).toEqual(['one', 'one']);
  time += 3_000_000;
  expect(await tokens()).toBe('one');
  time += 500_000;
  expect(await tokens()).toBe('two');
  expect(asked.map((each) => each.url)).toEqual(['https://tokens.test/t', 'https://tokens.test/t']);
  const { grant_type: grant, assertion = '' } = formOf(asked[0]);
  expect(grant).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
  const [head = '', claims = '', signature = ''] = assertion.split('.');
  expect(createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(true);
  expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k' });
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
    iss: 'a@b',
    scope: 'https://www.googleapis.com/auth/devstorage.read_write',
    aud: 'https://tokens.test/t',
    iat: 5000,
    exp: 8600,
  });
});

test('a key that is none is said, and not repeated', async () => {
  const { ask, asked } = answering({ body: {} });
  const tokens = googleTokens(account('hunter2'), { url, ask });
  await expect(tokens()).rejects.toMatchObject({
    reason: 'Denied',
    message: `${url}: the private_key of a@b is no RSA key in PEM`,
  });
  expect(asked).toEqual([]);
});

test('the identity of the machine or pod is asked of its metadata server', async () => {
  const { ask, asked } = answering({ body: { access_token: 'machine', expires_in: 60 } });
  expect(await googleTokens({ kind: 'machine', metadata: 'http://169.254.169.254' }, { url, ask })()).toBe('machine');
  expect(asked[0]?.url).toMatch(
    /^http:\/\/169\.254\.169\.254\/computeMetadata\/v1\/instance\/service-accounts\/default\/token\?scopes=/,
  );
  expect(asked[0]?.headers).toEqual({ 'metadata-flavor': 'Google' });
});

test('where there is neither a credential nor a machine of Google, both are said', async () => {
  const silent = async (): Promise<Answer> => {
    throw new Error('nobody is there');
  };
  await expect(googleTokens({ kind: 'machine', metadata: 'http://x' }, { url, ask: silent })()).rejects.toMatchObject({
    reason: 'Denied',
    message: expect.stringMatching(/there is no credential for it.*nobody is there/),
  });
});

test('the identity of a cluster is exchanged, and stands for a service account where it says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'osmo-gcs-'));
  const file = join(folder, 'token');
  await writeFile(file, JSON.stringify({ id: 'of the cluster' }));
  const { ask, asked } = answering(
    { body: { access_token: 'federated', expires_in: 3600 } },
    { body: { accessToken: 'of the account', expireTime: '1970-01-01T01:00:00Z' } },
  );
  const external: ExternalAccount = {
    kind: 'external_account',
    audience: '//iam.googleapis.com/x',
    subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
    tokenUrl: 'https://sts.test/v1/token',
    file,
    field: 'id',
    impersonationUrl: 'https://iam.test/v1/account:generateAccessToken',
  };
  const identity: GoogleIdentity = { kind: 'account', account: external };
  const tokens = googleTokens(identity, { url, ask, now: () => 0 });
  expect(await tokens()).toBe('of the account');
  expect(await tokens()).toBe('of the account');
  expect(asked.map((each) => each.url)).toEqual([external.tokenUrl, external.impersonationUrl]);
  expect(formOf(asked[0])).toMatchObject({ subject_token: 'of the cluster', audience: '//iam.googleapis.com/x' });
  expect(asked[1]?.headers).toMatchObject({ authorization: 'Bearer federated' });
  await rm(folder, { recursive: true });
});

test.each([
  [400, 'Denied'],
  [429, 'Unavailable'],
  [503, 'Unavailable'],
])('an answer %i is %s, and the next call asks again', async (status, reason) => {
  const { ask, asked } = answering({ status, body: { error: 'invalid_grant', error_description: 'Invalid JWT.' } });
  const tokens = googleTokens(account(), { url, ask });
  await expect(tokens()).rejects.toMatchObject({
    reason,
    message: `${url}: tokens.test gave no token: invalid_grant: Invalid JWT. (HTTP ${status})`,
  });
  await expect(tokens()).rejects.toThrow('gave no token');
  expect(asked).toHaveLength(2);
});
