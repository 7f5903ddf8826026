import { describe, expect, test } from '@jest/globals';
import { storeUrl } from './location.ts';
import { parseStoreUrl } from './parse-url.ts';

describe('the URL of a store', () => {
  test.each([
    ['s3://bucket', { kind: 's3', bucket: 'bucket', prefix: '' }],
    ['s3://my.bucket-1/a/b/', { kind: 's3', bucket: 'my.bucket-1', prefix: 'a/b' }],
    [
      's3://bucket/a?endpoint=http://127.0.0.1:9000/&region=eu-1&pathStyle=false',
      {
        kind: 's3',
        bucket: 'bucket',
        prefix: 'a',
        endpoint: 'http://127.0.0.1:9000',
        region: 'eu-1',
        pathStyle: false,
      },
    ],
    ['s3://bucket/_raw/2024+01/ä/100%25', { kind: 's3', bucket: 'bucket', prefix: '_raw/2024+01/ä/100%25' }],
    ['gs://my_bucket/a', { kind: 'gs', bucket: 'my_bucket', prefix: 'a' }],
    [
      'gs://bucket?endpoint=http://127.0.0.1:1&pathStyle=true',
      { kind: 'gs', bucket: 'bucket', prefix: '', endpoint: 'http://127.0.0.1:1', pathStyle: true },
    ],
    [
      'azure://account1/my-container/a/b',
      { kind: 'azure', account: 'account1', container: 'my-container', prefix: 'a/b' },
    ],
    [
      'azure://account1/box?endpoint=http://127.0.0.1:10000/account1',
      { kind: 'azure', account: 'account1', container: 'box', prefix: '', endpoint: 'http://127.0.0.1:10000/account1' },
    ],
    [
      'tos://tos-s3-cn-beijing.volces.com/robots/a',
      { kind: 'tos', host: 'tos-s3-cn-beijing.volces.com', bucket: 'robots', prefix: 'a' },
    ],
    [
      'swift://pdx.s8k.io:8080/AUTH_team-x/Data/a',
      { kind: 'swift', host: 'pdx.s8k.io:8080', namespace: 'AUTH_team-x', container: 'Data', prefix: 'a' },
    ],
    ['file:///var/lib/osmo', { kind: 'file', path: '/var/lib/osmo' }],
    ['file:///with%20space/x/', { kind: 'file', path: '/with space/x' }],
  ])('%s is read, and written the same', (url, location) => {
    expect(parseStoreUrl(url)).toEqual(location);
    expect(parseStoreUrl(storeUrl(parseStoreUrl(url)))).toEqual(location);
  });

  test.each([
    ['bucket/prefix', 'is no URL'],
    ['ftp://bucket', 'ftp: is not known'],
    ['gcs://bucket', 'gcs: is not known'],
    ['gs://B', '3 to 222 lower-case letters'],
    ['azure://my-account/box', 'account "my-account"'],
    ['azure://account1', 'container ""'],
    ['azure://account1/Box', 'container "Box"'],
    ['azure://account1/box?region=eu-1', 'allowed is endpoint'],
    ['tos://Host/bucket', 'host "Host"'],
    ['tos://host', 'bucket ""'],
    ['swift://host/AUTH_a', 'Swift container ""'],
    ['swift://host/a b/c', 'Swift account "a b"'],
    ['s3://bucket/a/../b', 'segment ".." can\'t be used'],
    ['s3://bucket/a,b', 'has a blank or one of'],
    ['s3://', 'bucket ""'],
    ['s3://Bad_Bucket', '3 to 63 lower-case letters'],
    ['s3://bucket:80/x', '3 to 63'],
    ['s3://bucket/a b', 'object key'],
    ['s3://bucket/a//b', 'segment "" can\'t be used'],
    ['s3://bucket/a#b', 'no fragment'],
    ['s3://bucket?endpoint=ftp://x', 'http or https URL'],
    ['s3://bucket?endpoint=https://user:pw@x', 'without credentials'],
    ['s3://bucket?region=EU', 'lower-case'],
    ['s3://bucket?pathStyle=yes', 'true or false'],
    ['s3://bucket?color=red', 'allowed are endpoint, region and pathStyle'],
    ['file://host/x', 'without a host'],
    ['file:///', 'other than /'],
  ])('%s is refused: %s', (url, message) => {
    expect(() => parseStoreUrl(url)).toThrow(RangeError);
    expect(() => parseStoreUrl(url)).toThrow(message);
  });

  test.each(['s3://me:hunter2@bucket', 's3://bucket?endpoint=https://me:hunter2@x', 's3://me:hunter2@ bad host'])(
    '%s holds a password, which is not repeated',
    (url) => {
      expect(messageOf(() => parseStoreUrl(url))).toContain('store URL');
      expect(messageOf(() => parseStoreUrl(url))).not.toContain('hunter2');
    },
  );
});

function messageOf(act: () => unknown): string {
  try {
    act();
    return 'nothing was thrown';
  } catch (error) {
    return (error as Error).message;
  }
}
