import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ambientTokens } from './token.ts';

const answering = (...answers: { status?: number; body: object }[]) => {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  const ask = (async (url: string, init?: RequestInit) => {
    asked.push({ url, init });
    const { status = 200, body } = answers[Math.min(asked.length, answers.length) - 1] ?? { body: {} };
    return Response.json(body, { status });
  }) as typeof fetch;
  return { ask, asked };
};

test('the identity of a pod is exchanged for a token, which is kept until shortly before its end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'osmo-token-'));
  const file = join(folder, 'token');
  await writeFile(file, 'federated\n');
  const environment = {
    AZURE_TENANT_ID: 'tenant',
    AZURE_CLIENT_ID: 'client',
    AZURE_FEDERATED_TOKEN_FILE: file,
    AZURE_AUTHORITY_HOST: 'https://login.example/',
  };
  let time = 0;
  const { ask, asked } = answering(
    { body: { access_token: 'one', expires_in: 3600 } },
    { body: { access_token: 'two', expires_in: '3600' } },
  );
  const source = ambientTokens(environment, { now: () => time, ask });
  const both = await Promise.all([source.getToken(), source.getToken()]);
  expect(both.map(({ token }) => token)).toEqual(['one', 'one']);
  time = 3_000_000;
  expect(await source.getToken()).toEqual({ token: 'one', expiresOnTimestamp: 3_600_000 });
  time = 3_400_000;
  expect((await source.getToken()).token).toBe('two');
  expect(asked).toHaveLength(2);
  expect(asked[0]?.url).toBe('https://login.example/tenant/oauth2/v2.0/token');
  expect(Object.fromEntries(asked[0]?.init?.body as URLSearchParams)).toMatchObject({
    client_id: 'client',
    client_assertion: 'federated',
    scope: 'https://storage.azure.com/.default',
  });
  await rm(folder, { recursive: true });
});

test('without one it is the identity of the machine', async () => {
  const { ask, asked } = answering({ body: { access_token: 'machine', expires_in: '60' } });
  expect((await ambientTokens({}, { ask }).getToken()).token).toBe('machine');
  expect(asked[0]?.url).toMatch(/^http:\/\/169\.254\.169\.254\/metadata\/identity\/oauth2\/token\?.*resource=https/);
  expect(asked[0]?.init?.headers).toEqual({ Metadata: 'true' });
});

test.each([
  [400, 401],
  [429, 429],
  [503, 503],
])('an answer %i is a failure with status %i, and the next call asks again', async (status, told) => {
  const { ask, asked } = answering({ status, body: { error: 'invalid_client' } });
  const source = ambientTokens({}, { ask });
  await expect(source.getToken()).rejects.toMatchObject({
    statusCode: told,
    message: expect.stringContaining('invalid_client'),
  });
  await expect(source.getToken()).rejects.toThrow('gave no token');
  expect(asked).toHaveLength(2);
});
