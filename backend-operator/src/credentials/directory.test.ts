import { expect, test } from '@jest/globals';
import { type Credential, ownSecretName, userDigest } from '@osmo/crds';
import { KubeError } from '@osmo/kube';
import { newTask } from '../testing/tasks.ts';
import { CredentialDirectory } from './directory.ts';

const entry = (name: string, user?: string, secretName?: string): Credential =>
  ({ metadata: { name }, spec: { type: 'Registry', name, user, secretName, keys: [] } }) as unknown as Credential;
const at = (seconds: number) => new Date(seconds * 1000);
const { signal } = new AbortController();
const warnings: unknown[] = [];
const logger = { warn: (...given: unknown[]) => void warnings.push(given) };

/** A hub that answers one after the other. */
function hub(...answers: (Credential[] | KubeError)[]) {
  const asked: object[] = [];
  const list = (_: unknown, options: object) => {
    asked.push(options);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    return answer instanceof KubeError ? Promise.reject(answer) : Promise.resolve({ items: answer, metadata: {} });
  };
  return { asked, directory: new CredentialDirectory({ list } as never, logger) };
}
const task = (spec: object = {}, status: object = {}) =>
  newTask({ spec: { submittedBy: 'ada', ...spec }, status: status as never });
const names = (entries: readonly Credential[]) => entries.map(({ metadata }) => metadata.name);

test('the hub is asked once for the pods of a run and attempt, and later again', async () => {
  const { asked, directory } = hub([entry('a', 'ada')]);
  const read = async (seconds: number, ...given: Parameters<typeof task>) =>
    names(await directory.for(task(...given), at(seconds), signal));
  expect(await Promise.all([read(0), read(1), read(29)])).toEqual([['a'], ['a'], ['a']]);
  expect(asked).toHaveLength(1);
  await read(1, { run: 1 });
  await read(1, {}, { attempt: 1 });
  await read(31);
  expect(asked).toHaveLength(4);
  expect(asked[0]).toMatchObject({
    labelSelector: `osmo.dev/credential-owner in (shared,${userDigest('ada')}),osmo.dev/credential-type in (registry,data)`,
  });
});

test('labels alone make nothing anybody’s', async () => {
  const { directory } = hub([
    entry('a', 'bob'),
    entry('b', 'ada', ownSecretName('bob', 'x')),
    entry('c'),
    entry('d', 'ada'),
  ]);
  expect(names(await directory.for(task(), at(0), signal))).toEqual(['c', 'd']);
});

test('of nobody’s task only what is shared counts', async () => {
  const { asked, directory } = hub([entry('a', 'ada'), entry('b')]);
  const nobodys = newTask({ spec: {} });
  expect(names(await directory.for(nobodys, at(0), signal))).toEqual(['b']);
  expect(asked[0]).toMatchObject({ labelSelector: expect.stringContaining('in (shared)') });
});

const away = new KubeError({ status: 503, reason: 'ServiceUnavailable', message: 'away' });

test('a hub that is away is asked again, unless something is known of the workflow', async () => {
  const { directory } = hub(away, [entry('a')], away);
  await expect(directory.for(task(), at(0), signal)).rejects.toThrow('away');
  expect(names(await directory.for(task(), at(0), signal))).toEqual(['a']);
  expect(names(await directory.for(task(), at(60), signal))).toEqual(['a']);
});

test('a hub that knows none, or shows none, has none', async () => {
  const { directory } = hub(new KubeError({ status: 403, reason: 'Forbidden', message: 'no' }));
  expect(await directory.for(task(), at(0), signal)).toEqual([]);
  expect(warnings).toHaveLength(1);
});
