import { describe, expect, test } from '@jest/globals';
import { type Credential, isPodSecret, ownSecretName } from '@osmo/crds';
import { podFor } from '../group/pod.ts';
import { newTask } from '../testing/tasks.ts';
import { withCredentials } from './apply.ts';
import { refuseForeignSecrets } from './foreign-secrets.ts';

const entry = (type: 'Registry' | 'Data', profile: string, name: string, user?: string): Credential =>
  ({ metadata: { name }, spec: { type, name: 'x', profile, user, keys: [] } }) as unknown as Credential;
const options = { namespace: 'team-a', attempt: 0, nodeLostSeconds: 300, runtime: { image: 'runtime' } };

describe('data', () => {
  const spec = {
    inputs: [{ url: { url: 's3://robots/raw' } }, { url: { url: 's3://other/raw' } }, { task: { name: 'a' } }],
    outputs: [{ url: { url: 's3://robots/out', credential: 'named' } }],
    checkpoints: [{ path: '/m', url: 's3://robots/m', frequencySeconds: 60 }],
    data: { keep: false, inputs: [{ index: 2, manifest: 'm', url: 's3://robots/sets' }] },
  };
  const entries = [
    entry('Data', 's3://robots', 'shared-one'),
    entry('Data', 's3://robots', 'own-one', 'ada'),
    entry('Registry', 'docker.io', 'login'),
  ];
  test('is opened by what is for its profile, the submitter’s own first', () => {
    expect(withCredentials(newTask({ spec }), entries).spec).toMatchObject({
      inputs: [
        { url: { url: 's3://robots/raw', credential: 'own-one' } },
        { url: { url: 's3://other/raw' } },
        { task: { name: 'a' } },
      ],
      outputs: [{ url: { credential: 'named' } }],
      checkpoints: [{ credential: 'own-one' }],
      data: { inputs: [{ credential: 'own-one' }] },
    });
    const shared = withCredentials(newTask({ spec }), entries.slice(0, 1));
    expect(shared.spec.checkpoints?.[0]?.credential).toBe('shared-one');
  });
  test('stays as it is where there is nothing for it', () => {
    const task = newTask({ spec });
    expect(withCredentials(task, [])).toBe(task);
    expect(withCredentials(task, entries.slice(2)).spec.inputs).toEqual(task.spec.inputs);
  });
  test('at URLs that can not be is told by whoever plans the transfer', () => {
    const task = newTask({ spec: { inputs: [{ url: { url: 'file:///data' } }] } });
    expect(withCredentials(task, entries).spec.inputs).toEqual(task.spec.inputs);
  });
});

describe('images', () => {
  const secrets = (image: string, entries: Credential[], spec: object = {}) =>
    podFor(withCredentials(newTask({ spec: { image, submittedBy: 'ada', ...spec } }), entries), options).spec
      .imagePullSecrets;
  test('are pulled by logins that they are in the scope of', () => {
    const own = ownSecretName('ada', 'registry-nvcr.io');
    const entries = [
      entry('Registry', 'nvcr.io/org', 'of-org'),
      entry('Registry', 'nvcr.io', own, 'ada'),
      entry('Registry', 'nvcr.io/other', 'of-other'),
      entry('Registry', 'docker.io', 'of-hub'),
    ];
    expect(secrets('nvcr.io/org/image:1', entries)).toEqual([{ name: own }, { name: 'of-org' }]);
    expect(secrets('ubuntu', entries)).toEqual([{ name: 'of-hub' }]);
    expect(secrets('quay.io/x', entries)).toBeUndefined();
  });
  test('are pulled by those of the pool’s template too', () => {
    const podTemplate = { spec: { imagePullSecrets: [{ name: 'pool' }] } };
    expect(secrets('ubuntu', [entry('Registry', 'docker.io', 'of-hub')], { podTemplate })).toEqual([
      ...[{ name: 'of-hub' }, { name: 'pool' }],
    ]);
  });
});

describe('a credential of somebody else', () => {
  const name = ownSecretName('bob', 'generic-wandb');
  const ways: [string, object][] = [
    ['in a variable', { credentials: [{ name, env: [{ name: 'KEY', key: 'key' }] }] }],
    ['in a folder', { credentials: [{ name, mountPath: '/secret' }] }],
    ['for data', { inputs: [{ url: { url: 's3://robots/raw', credential: name } }] }],
    [
      'for data of a bucket',
      { data: { keep: false, inputs: [{ index: 0, manifest: 'm', url: 's3://a/b', credential: name }] } },
    ],
    ['in the template', { podTemplate: { spec: { volumes: [{ name: 'v', secret: { secretName: name } }] } } }],
    ['to pull its image', { podTemplate: { spec: { imagePullSecrets: [{ name }] } } }],
  ];
  test.each(ways)('%s makes no pod', (_, spec) => {
    const pod = (submittedBy?: string) =>
      podFor(newTask({ spec: { ...spec, ...(submittedBy !== undefined && { submittedBy }) } }), options);
    expect(() => pod('ada')).toThrow(/is the credential of another user; "ada" submitted it/);
    expect(() => pod()).toThrow(/nobody is known/);
    expect(() => pod('bob')).not.toThrow();
  });
  test('may be spoken of', () => {
    const spec = { containers: [{ name: 'a', image: 'x', args: [name], env: [{ name: 'secretName', value: name }] }] };
    expect(() => refuseForeignSecrets(spec as never, 'ada')).not.toThrow();
  });
});

describe('the Secret of a pod', () => {
  const withStore = {
    ...options,
    runtime: { image: 'runtime', store: { url: 's3://osmo', environment: { KEY: 'x' }, uploadSeconds: 60 } },
  };
  const spec = { data: { keep: true }, files: [{ path: '/a', contents: 'x', base64: false }] };
  const first = podFor(newTask({ spec, name: 'first' }), withStore);

  test.each(['data', 'files'])('with its %s is nothing to others', (what) => {
    const name = `${first.metadata.name}-${what}`;
    expect(isPodSecret(name)).toBe(true);
    expect(JSON.stringify(first.spec.volumes)).toContain(name);
    const other = newTask({ name: 'other', spec: { submittedBy: 'ada', credentials: [{ name, mountPath: '/x' }] } });
    expect(() => podFor(other, withStore)).toThrow(/belongs to one pod, which is another one/);
  });
});
