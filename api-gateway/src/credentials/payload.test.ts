import { describe, expect, test } from '@jest/globals';
import { RequestError } from '../http/errors.ts';
import { credentialName, type CredentialBody, readCredential } from './payload.ts';

const secret = 'hidden-word';
const data = { access_key_id: 'id', access_key: secret, endpoint: 's3://robots/raw/' };

test('a registry login becomes what Docker and the kubelet read', () => {
  const read = readCredential('ngc', {
    registry_credential: { registry: 'nvcr.io/org', username: '$oauthtoken', auth: secret },
  });
  expect(read).toMatchObject({
    type: 'Registry',
    profile: 'nvcr.io/org',
    secretType: 'kubernetes.io/dockerconfigjson',
  });
  expect(JSON.parse(read.data['.dockerconfigjson'] ?? '')).toEqual({
    auths: {
      'nvcr.io/org': {
        username: '$oauthtoken',
        password: secret,
        auth: Buffer.from(`$oauthtoken:${secret}`).toString('base64'),
      },
    },
  });
});

test('without a registry it is Docker Hub, without a user what Docker’s files have', () => {
  const auth = Buffer.from('ada:pass:word').toString('base64');
  const { data: kept, profile, trial } = readCredential('hub', { registry_credential: { registry: '', auth } });
  expect(profile).toBe('docker.io');
  expect(Object.keys(JSON.parse(kept['.dockerconfigjson'] ?? '').auths)).toEqual(['https://index.docker.io/v1/']);
  expect(trial).toEqual({ kind: 'registry', scope: 'docker.io', username: 'ada', password: 'pass:word' });
});

test('a data credential is for the profile of its URL', () => {
  const read = readCredential('raw', { data_credential: { ...data, region: '', override_url: 'https://s3.lab' } });
  expect(read).toMatchObject({
    type: 'Data',
    profile: 's3://robots',
    sharedName: 'data-s3-robots',
    secretType: 'Opaque',
  });
  expect(read.data).toEqual({
    access_key_id: 'id',
    access_key: secret,
    endpoint: 's3://robots/raw',
    override_url: 'https://s3.lab',
  });
});

test('a generic one has any keys', () => {
  const read = readCredential('W_and_b', { generic_credential: { credential: { key: secret, 'a.b': '' } } });
  expect(read).toMatchObject({ type: 'Generic', profile: undefined, sharedName: 'generic-w-and-b', trial: undefined });
  expect(read.data).toEqual({ key: secret, 'a.b': '' });
});

describe('what is refused, without a word of what it holds', () => {
  const generic = (credential: unknown): CredentialBody => ({ generic_credential: { credential } as never });
  test.each<[string, CredentialBody, RegExp]>([
    ['nothing', {}, /exactly one of/],
    ['two of them', { data_credential: data, ...generic({ a: secret }) }, /exactly one of/],
    ['a field of its own', { data_credential: { ...data, password: secret } }, /"password" is no field/],
    ['a missing field', { data_credential: { ...data, access_key: undefined } }, /access_key: must be given/],
    ['an empty field', { data_credential: { ...data, access_key_id: '' } }, /access_key_id: must be given/],
    ['a number', { data_credential: { ...data, access_key: 7 } }, /access_key: must be a text/],
    ['no URL of storage', { data_credential: { ...data, endpoint: 'https://x' } }, /data_credential: store URL/],
    ['a folder', { data_credential: { ...data, endpoint: 'file:///data' } }, /needs no credential/],
    ['another style', { data_credential: { ...data, addressing_style: 'x' } }, /path, virtual or auto/],
    ['no registry', { registry_credential: { registry: 'a b', username: 'u', auth: secret } }, /registry: must be/],
    [
      'a login without a user',
      { registry_credential: { registry: 'nvcr.io', auth: secret } },
      /username: must be given/,
    ],
    ['a login without anything', { registry_credential: { registry: 'nvcr.io' } }, /auth: must be given/],
    ['no keys', generic({}), /1 to 256 keys/],
    ['no object', generic([secret]), /must be an object/],
    ['an unusable key', generic({ 'a b': secret }), /key "a b"/],
    ['a folder for a key', generic({ '../x': secret }), /key "\.\.\/x"/],
    ['a value that is none', generic({ a: null }), /a: must be given/],
    ['too much', generic({ a: 'x'.repeat(900_001) }), /at most 900000/],
  ])('%s', (_, body, message) => {
    const read = (): unknown => readCredential('mine', body);
    expect(read).toThrow(RequestError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(secret);
    expect(read).toThrow(expect.objectContaining({ status: 400, code: 'CREDENTIAL' }));
  });

  test.each(['', '1a', 'a-', 'a b', 'a/b', 'x'.repeat(65)])('the name %j', (name) => {
    expect(() => credentialName(name)).toThrow(/must be at most 64 letters/);
  });
});
