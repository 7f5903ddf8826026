import { expect, test } from '@jest/globals';
import { redact } from './redact.ts';

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';

test.each([
  ['a bearer header', 'sent Authorization: Bearer abc123def456 to it', 'abc123def456'],
  ['a basic header', 'Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
  ['a JWT anywhere', `bad token ${jwt}!`, jwt],
  ['JSON', '{"id_token":"s3cr3t-value","x":1}', 's3cr3t-value'],
  ['an assignment', 'password=hunter22 failed', 'hunter22'],
  ['a URL', 'GET https://user:hunter22@proxy:8080/', 'hunter22'],
  ['a key', '-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----', 'MIIabc'],
  ['a key that is cut off', '-----BEGIN PRIVATE KEY-----\nMIIabc', 'MIIabc'],
])('%s', (_, text, secret) => {
  expect(redact(text)).not.toContain(secret);
  expect(redact(text)).toContain('[redacted]');
});

test('ordinary text stays', () => {
  const text = 'dial tcp 10.0.0.1:6443: connect: connection refused';
  expect(redact(text)).toBe(text);
});

test('long text is cut', () => expect(redact('x'.repeat(5_000))).toHaveLength(1_025));
