import { expect, test } from '@jest/globals';
import { parseStoreUrl } from '../parse-url.ts';
import { s3LocationOf } from './services.ts';

const of = (url: string, options = {}) => {
  const location = parseStoreUrl(url);
  if (location.kind === 'file' || location.kind === 'azure') throw new Error('no S3');
  return s3LocationOf(location, options);
};

test('each scheme is reached at its own service', () => {
  expect(of('s3://box/p')).toMatchObject({ bucket: 'box', prefix: 'p', url: 's3://box/p', endpoint: undefined });
  expect(of('gs://box')).toMatchObject({
    endpoint: 'https://storage.googleapis.com',
    region: 'us-east1',
    conditionalWrites: false,
    batchDelete: false,
  });
  expect(of('tos://tos-s3-cn-beijing.volces.com/box')).toMatchObject({
    endpoint: 'https://tos-s3-cn-beijing.volces.com',
    region: 'cn-beijing',
    pathStyle: false,
  });
  expect(of('swift://pdx.s8k.io/AUTH_x/box/p')).toMatchObject({
    bucket: 'box',
    url: 'swift://pdx.s8k.io/AUTH_x/box/p',
    endpoint: 'https://pdx.s8k.io',
  });
});

test('what the URL says wins over the options', () => {
  const options = { endpoint: 'http://box', region: 'two', pathStyle: false };
  expect(of('s3://box?endpoint=http://a&region=one&pathStyle=true', options)).toMatchObject({
    endpoint: 'http://a',
    region: 'one',
    pathStyle: true,
  });
  expect(of('gs://box', options)).toMatchObject({ endpoint: 'http://box', region: 'two', conditionalWrites: true });
});
