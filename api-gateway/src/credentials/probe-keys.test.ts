import { expect, test } from '@jest/globals';
import { OutgoingError } from '@osmo/kube/outgoing';
import { probeKeys } from './probe-keys.ts';

const trial = {
  url: 's3://robots/raw',
  fields: { access_key_id: 'i', access_key: 'k', endpoint: 's3://robots', region: 'us-east-1' },
};
const xml = (status: number, body: string): Response =>
  new Response(body, { status, headers: { 'content-type': 'application/xml' } });
const never = new AbortController().signal;
let asked = 0;
/** What is said of the keys when the store answers so. */
const said = (
  answer: () => Response | Promise<Response>,
  { schemes = [] as string[], timedOut = false, signal = never } = {},
): Promise<string | undefined> => {
  asked = 0;
  const fetch = async (): Promise<Response> => {
    asked++;
    return answer();
  };
  const within = (): AbortSignal => (timedOut ? AbortSignal.abort(new Error('late')) : never);
  return probeKeys(trial, { outgoing: { fetch }, switches: { registries: [], schemes }, within }, signal);
};

test('keys that a store takes are nothing to talk of, those that it refuses are', async () => {
  const list = '<ListBucketResult><Name>robots</Name><IsTruncated>false</IsTruncated></ListBucketResult>';
  expect(await said(() => xml(200, list))).toBeUndefined();
  expect(asked).toBe(1);
  const denied = '<Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>';
  expect(await said(() => xml(403, denied))).toContain('refuses these keys');
});

test('a store that nobody is to ask, or that can not be reached from here, is nothing to talk of either', async () => {
  expect(await said(() => xml(403, ''), { schemes: ['s3'] })).toBeUndefined();
  expect(asked).toBe(0);
  const refused = (): never => {
    throw new OutgoingError('Refused', 'a private address');
  };
  expect(await said(refused)).toBeUndefined();
  expect(await said(() => xml(501, '<Error><Code>NotImplemented</Code></Error>'))).toBeUndefined();
  expect(await said(() => xml(200, ''), { timedOut: true })).toBeUndefined();
});

test('who hangs up waits for nothing', async () => {
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(said(() => xml(200, ''), { signal: gone })).rejects.toThrow('gone');
});
