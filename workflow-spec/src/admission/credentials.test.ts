import { expect, test } from '@jest/globals';
import { ownSecretName } from '@osmo/crds';
import { foreignCredentialProblems } from './credentials.ts';

const bobs = ownSecretName('bob', 'generic-wandb');
const task = (template: object) => [{ template, path: 'spec.tasks[0]' }] as never;
const fields = (template: object, user: string | undefined) =>
  foreignCredentialProblems(task(template), user).map(({ path }) => path);

test.each<[string, object]>([
  ['spec.tasks[0].credentials[1].name', { credentials: [{ name: 'plain' }, { name: bobs }] }],
  [
    'spec.tasks[0].inputs[1].url.credential',
    { inputs: [{ task: { name: 'a' } }, { url: { url: 's3://a', credential: bobs } }] },
  ],
  ['spec.tasks[0].outputs[0].url.credential', { outputs: [{ url: { url: 's3://a', credential: bobs } }] }],
  ['spec.tasks[0].checkpoints[0].credential', { checkpoints: [{ url: 's3://a', credential: bobs }] }],
])('%s is its owner’s to name', (path, template) => {
  expect(fields(template, 'ada')).toEqual([path]);
  expect(fields(template, undefined)).toEqual([path]);
  expect(fields(template, 'bob')).toEqual([]);
});

test('anything else is for all of the namespace', () => {
  const template = {
    credentials: [{ name: 'wandb' }, { name: 'user-passwords' }],
    inputs: [{ url: { url: 's3://a' } }],
  };
  expect(fields(template, undefined)).toEqual([]);
});

test('Secrets of pods are nobody’s to name', () => {
  const template = { credentials: [{ name: 'train-0a1b2c3d4e5f60718a-0-data' }] };
  expect(foreignCredentialProblems(task(template), 'ada')).toMatchObject([
    { path: 'spec.tasks[0].credentials[0].name', detail: expect.stringContaining('belongs to one pod of a task') },
  ]);
});
