import { expect, test } from '@jest/globals';
import { credentialsFrom } from './credentials.ts';

test('reads the fields of a data credential', () => {
  expect(
    credentialsFrom({
      access_key_id: 'id',
      access_key: 'secret\n',
      endpoint: 's3://robots',
      region: 'eu-1',
      override_url: 'http://minio:9000/',
      addressing_style: 'path',
      other: 'x',
    }),
  ).toEqual({
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    endpoint: 'http://minio:9000',
    region: 'eu-1',
    pathStyle: true,
  });
});

test('leaves to the environment and the store what is not said', () => {
  expect(credentialsFrom({ endpoint: 's3://robots', access_key_id: '', region: '', addressing_style: 'auto' })).toEqual(
    {},
  );
  expect(credentialsFrom({ addressing_style: 'virtual' })).toEqual({ pathStyle: false });
  expect(credentialsFrom({ access_key: 'only' })).toEqual({
    credentials: { accessKeyId: '', secretAccessKey: 'only' },
  });
});

test.each([
  [{ access_key_id: 'id' }, 'access_key is not set'],
  [{ override_url: 'https://me:hunter2@host' }, 'override_url must be'],
  [{ region: 'EU' }, 'region "EU" must be'],
  [{ addressing_style: 'dns' }, 'path, virtual or auto'],
])('refuses %j', (fields, message) => {
  expect(() => credentialsFrom(fields as Record<string, string>)).toThrow(message);
  expect(() => credentialsFrom(fields as Record<string, string>)).not.toThrow('hunter2');
});
