import { expect, test } from '@jest/globals';
import { dataSecretName, profileOf } from './profile.ts';

test.each([
  ['s3://robots/a/b?endpoint=http://x', 's3://robots', 'data-s3-robots'],
  ['s3://my.bucket', 's3://my.bucket', 'data-s3-my.bucket'],
  ['gs://robots', 'gs://robots', 'data-gs-robots'],
  ['gs://my_bucket/x', 'gs://my_bucket', /^data-gs-my-bucket-[0-9a-f]{8}$/],
  ['azure://account1/box/a', 'azure://account1', 'data-azure-account1'],
  ['tos://tos-s3-x.y/robots/a', 'tos://tos-s3-x.y/robots', /^data-tos-tos-s3-x\.y-robots-[0-9a-f]{8}$/],
  ['swift://h:80/AUTH_a/box/p', 'swift://h:80/AUTH_a', /^data-swift-h-80------a-[0-9a-f]{8}$/],
])('%s belongs to profile %s, whose Secret is %s', (url, profile, secret) => {
  expect(profileOf(url)).toBe(profile);
  expect(dataSecretName(profile)).toEqual(typeof secret === 'string' ? secret : expect.stringMatching(secret));
});

test('profiles that differ in what a name may not have get different names', () => {
  const names = ['gs://a_b', 'gs://a-b', 'gs://a.-b', 'gs://a-.b', 'gs://a..b', 'gs://a.b'].map(dataSecretName);
  expect(new Set(names).size).toBe(names.length);
});

test('every name is one that Kubernetes takes', () => {
  const label = '[a-z0-9]([a-z0-9-]*[a-z0-9])?';
  const subdomain = new RegExp(`^${label}(\\.${label})*$`);
  const long = `tos://${Array.from({ length: 60 }, () => 'abc').join('.')}/${'x'.repeat(63)}`;
  for (const profile of [
    's3://a.-b.c',
    's3://a..b',
    'swift://h/AUTH__',
    'swift://h/AUTH_.',
    long,
    'gs://a__',
    's3://x',
  ]) {
    expect(dataSecretName(profile)).toMatch(subdomain);
    expect(dataSecretName(profile).length).toBeLessThanOrEqual(253);
  }
});

test('a folder has no profile', () => {
  expect(() => profileOf('file:///data')).toThrow('needs no credential');
});
