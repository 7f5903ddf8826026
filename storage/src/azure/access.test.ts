import { expect, test } from '@jest/globals';
import type { AzureLocation } from '../location.ts';
import { accessOf } from './access.ts';

const location: AzureLocation = { kind: 'azure', account: 'robots1', container: 'box', prefix: '' };
const of = (secretAccessKey: string, more: Partial<AzureLocation> = {}, endpoint?: string) =>
  accessOf({ ...location, ...more }, { credentials: { accessKeyId: '', secretAccessKey }, endpoint });
const own = 'https://robots1.blob.core.windows.net';

test.each([
  ['a key', 'c2VjcmV0', own, { kind: 'key', key: 'c2VjcmV0' }],
  ['a signature', '?sv=2024&sig=abc%3D', own, { kind: 'signature', query: 'sv=2024&sig=abc%3D' }],
  [
    'a connection string',
    'DefaultEndpointsProtocol=https;AccountName=robots1;AccountKey=c2VjcmV0==;EndpointSuffix=core.chinacloudapi.cn',
    'https://robots1.blob.core.chinacloudapi.cn',
    { kind: 'key', key: 'c2VjcmV0==' },
  ],
  [
    'a connection string with its own endpoint',
    'AccountName=robots1;AccountKey=c2VjcmV0;BlobEndpoint=http://127.0.0.1:10000/robots1/;',
    'http://127.0.0.1:10000/robots1',
    { kind: 'key', key: 'c2VjcmV0' },
  ],
  [
    'a connection string with a signature',
    'BlobEndpoint=https://x.example;SharedAccessSignature=sv=1&sig=a',
    'https://x.example',
    { kind: 'signature', query: 'sv=1&sig=a' },
  ],
  ['nothing', '', own, { kind: 'ambient' }],
])('%s says how the account is reached', (_, secret, endpoint, who) => {
  expect(of(secret)).toEqual({ endpoint, who });
});

test('the URL of the store wins over the credential, and that over what a connection string says', () => {
  const connection = 'AccountName=robots1;AccountKey=c2VjcmV0;BlobEndpoint=https://c.example';
  expect(of(connection, {}, 'https://b.example').endpoint).toBe('https://b.example');
  expect(of(connection, { endpoint: 'https://a.example' }, 'https://b.example').endpoint).toBe('https://a.example');
});

test.each([
  ['AccountName=other;AccountKey=c2VjcmV0', 'is for the account "other"'],
  ['AccountName=robots1', 'has neither AccountKey nor SharedAccessSignature'],
  ['AccountName=robots1;AccountKey=hunter2!', 'must be a connection string'],
  ['hunter2!', 'must be a connection string'],
])('%s is refused, and not repeated', (secret, message) => {
  expect(() => of(secret)).toThrow(message);
  expect(() => of(secret)).not.toThrow('hunter2');
});
