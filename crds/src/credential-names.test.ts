import { expect, test } from '@jest/globals';
import {
  genericSecretName,
  isUserSecret,
  maySubmitterName,
  ownSecretName,
  registryScope,
  registryScopesOf,
  registrySecretName,
  userSecretPrefix,
} from './credential-names.ts';

const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

test('the prefix of a person is the SHA-256 of the name', () => {
  expect(userSecretPrefix('alice')).toBe('user-2bd806c97f0e00af-');
  expect(userSecretPrefix('Alice')).not.toBe(userSecretPrefix('alice'));
  expect(isUserSecret(userSecretPrefix('alice'))).toBe(true);
});

test.each([
  ['alice', 'wandb', true],
  ['alice', `${userSecretPrefix('alice')}generic-wandb`, true],
  ['bob', `${userSecretPrefix('alice')}generic-wandb`, false],
  [undefined, `${userSecretPrefix('alice')}generic-wandb`, false],
  [undefined, 'wandb', true],
  ['alice', 'user-', true],
  ['alice', 'user-passwords', true],
  ['alice', 'train-0a1b2c3d4e5f60718a-0-data', false],
  [undefined, 'train-0a1b2c3d4e5f60718a-12-files', false],
  ['alice', 'train-0-data', true],
  ['alice', 'train-0a1b2c3d4e5f60718a-0-data-x', true],
])('a workflow of %s may name %s: %s', (user, name, expected) => {
  expect(maySubmitterName(user, name)).toBe(expected);
});

test.each([
  ['', 'docker.io'],
  ['docker.io', 'docker.io'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['NVCR.io', 'nvcr.io'],
  ['nvcr.io/org/team/', 'nvcr.io/org/team'],
  ['http://localhost:5000', 'localhost:5000'],
  ['10.0.0.1:5000/a', '10.0.0.1:5000/a'],
  ['user:word@nvcr.io', undefined],
  ['nvcr.io/../x', undefined],
  ['nvcr.io?x', undefined],
  ['a b', undefined],
  [`nvcr.io/${'x'.repeat(300)}`, undefined],
])('registry %j is scope %j', (registry, scope) => {
  expect(registryScope(registry)).toBe(scope);
});

test.each([
  ['ubuntu:22.04', ['docker.io/library/ubuntu', 'docker.io/library', 'docker.io']],
  ['org/img', ['docker.io/org/img', 'docker.io/org', 'docker.io']],
  ['localhost/img:1', ['localhost/img', 'localhost']],
  ['localhost:5000/a/b@sha256:0123', ['localhost:5000/a/b', 'localhost:5000/a', 'localhost:5000']],
  ['nvcr.io/org/team/img:1@sha256:01', ['nvcr.io/org/team/img', 'nvcr.io/org/team', 'nvcr.io/org', 'nvcr.io']],
])('image %s is pulled with logins of %j', (image, scopes) => {
  expect(registryScopesOf(image)).toEqual(scopes);
});

test('names are names of Secrets, and no two texts share one', () => {
  expect(genericSecretName('wandb')).toBe('generic-wandb');
  expect(registrySecretName('nvcr.io')).toBe('registry-nvcr.io');
  const names = ['a', 'A', 'a_b', 'a-b', 'A_B', 'a/b', 'a:b', `${'x'.repeat(300)}1`, `${'x'.repeat(300)}2`].flatMap(
    (text) => [genericSecretName(text), registrySecretName(text)],
  );
  expect(new Set(names).size).toBe(names.length);
  const own = names.map((name) => ownSecretName('alice', name));
  expect(new Set(own).size).toBe(names.length);
  for (const name of [...names, ...own]) {
    expect(name).toMatch(subdomain);
    expect(name.length).toBeLessThanOrEqual(253);
  }
});
