import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { GcsLocation } from '../location.ts';
import { openStore } from '../open-store.ts';
import { identityOf } from './access.ts';
import { speaksGoogle } from './speaks-google.ts';

const location: GcsLocation = { kind: 'gs', bucket: 'robots', prefix: '' };
const key = JSON.stringify({ type: 'service_account', client_email: 'a@b', private_key: 'PEM', private_key_id: 'k' });
const login = JSON.stringify({ type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' });
const external = {
  type: 'external_account',
  audience: '//iam.googleapis.com/x',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
  credential_source: { file: '/var/run/token', format: { type: 'json', subject_token_field_name: 'id' } },
};
const keys = (secretAccessKey: string, accessKeyId = '') => ({ credentials: { accessKeyId, secretAccessKey } });

describe('who asks a bucket of Google', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'osmo-gcs-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test.each([
    ['the key of a service account', keys(key), {}, true],
    ['the same with its name', keys(` ${key}`, 'a@b'), { AWS_ACCESS_KEY_ID: 'x' }, true],
    ['a pair of keys', keys('secret', 'GOOG1'), { GOOGLE_CREDENTIALS: key }, false],
    ['nothing', {}, {}, true],
    ['a pair of keys in the environment', {}, { AWS_ACCESS_KEY_ID: 'x' }, false],
    ['both in the environment', {}, { AWS_ACCESS_KEY_ID: 'x', GOOGLE_APPLICATION_CREDENTIALS: '/f' }, true],
  ])('%s decides by which API', (_, options, environment, google) => {
    expect(speaksGoogle(options, environment)).toBe(google);
  });

  test('a credential is the key of a service account', async () => {
    expect(await identityOf(location, keys(key), {})).toEqual({
      kind: 'account',
      account: {
        kind: 'service_account',
        email: 'a@b',
        privateKey: 'PEM',
        keyId: 'k',
        tokenUrl: 'https://oauth2.googleapis.com/token',
      },
    });
  });

  test('the environment is asked in the order of Google: its variables, the login of gcloud, the machine', async () => {
    const home = join(folder, 'home');
    const file = join(folder, 'account.json');
    await writeFile(file, JSON.stringify(external));
    const environment = { HOME: home, GCE_METADATA_HOST: 'metadata.test:80' };
    const machine = { kind: 'machine', metadata: 'http://metadata.test:80' };
    expect(await identityOf(location, {}, environment)).toEqual(machine);
    await mkdir(join(home, '.config/gcloud'), { recursive: true });
    await writeFile(join(home, '.config/gcloud/application_default_credentials.json'), login);
    expect(await identityOf(location, {}, environment)).toMatchObject({ account: { kind: 'authorized_user' } });
    const named = { ...environment, GOOGLE_APPLICATION_CREDENTIALS: file };
    expect(await identityOf(location, {}, named)).toMatchObject({
      account: { kind: 'external_account', file: '/var/run/token', field: 'id', impersonationUrl: undefined },
    });
    expect(await identityOf(location, {}, { ...named, GOOGLE_CREDENTIALS: key })).toMatchObject({
      account: { kind: 'service_account' },
    });
    expect(await identityOf(location, {}, { CLOUDSDK_CONFIG: folder })).toEqual({
      kind: 'machine',
      metadata: 'http://169.254.169.254',
    });
  });

  test.each([
    ['{"type":"service_account","client_email":"a@b"}', 'gs://robots: access_key: private_key must be a text'],
    ['{"type":"hunter2"', 'must be a JSON object'],
    ['{"type":"gdch_service_account"}', 'type must be "service_account"'],
    [JSON.stringify(external), 'type "external_account" can\'t be used here'],
    [login, 'type "authorized_user" can\'t be used here'],
    [
      JSON.stringify({ ...JSON.parse(key), token_uri: 'file:///hunter2' }),
      'token_uri must be an http or https URL without credentials',
    ],
  ])('%s is refused as a credential, and not repeated', async (secret, message) => {
    const opening = openStore('gs://robots', { ...keys(secret), environment: {} });
    await expect(opening).rejects.toThrow(RangeError);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.not.toThrow('hunter2');
  });

  test('a file that is named and not there is said', async () => {
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'none.json') };
    await expect(identityOf(location, {}, environment)).rejects.toThrow(/none\.json\): can't be read: ENOENT/);
  });
});
