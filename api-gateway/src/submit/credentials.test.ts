import { describe, expect, test } from '@jest/globals';
import { type Credential, ownSecretName, type WorkflowSpecInput } from '@osmo/crds';
import { KubeError } from '@osmo/kube';
import { mayNeedCredentials, secretLookup, withSecretNames } from './credentials.ts';

const entry = (name: string, more: Partial<Credential['spec']> = {}, object = `generic-${name}`): Credential =>
  ({ metadata: { name: object }, spec: { type: 'Generic', name, keys: ['key'], ...more } }) as unknown as Credential;
const adas = (name: string): string => ownSecretName('ada', name);
const own = entry('W_and_b', { user: 'ada' }, adas('generic-w-and-b'));
const env = (key = 'key') => [{ name: 'KEY', key }];
const specOf = (...credentials: object[]): WorkflowSpecInput =>
  ({ tasks: [{ name: 'a', image: 'x', command: ['x'], credentials }] }) as unknown as WorkflowSpecInput;
const read = async (spec: WorkflowSpecInput, entries: readonly Credential[], there: readonly string[] = []) => {
  const { spec: named, problems } = await withSecretNames(spec, entries, (name) =>
    Promise.resolve(there.includes(name)),
  );
  const tasks = [...(named.tasks ?? []), ...(named.groups ?? []).flatMap((group) => group.tasks)];
  return { names: tasks.flatMap(({ credentials = [] }) => credentials.map(({ name }) => name)), problems };
};

describe('a name in a recipe', () => {
  test('is the submitter’s own, then the shared one, then a Secret that was made by kubectl', async () => {
    const spec = specOf(
      { name: 'w-and-b', env: env() },
      { name: 'team', mountPath: '/t' },
      { name: 'plain', env: env('x') },
    );
    const entries = [own, entry('team'), entry('W_AND_B', { keys: ['other'] })];
    expect(await read(spec, entries, ['plain'])).toEqual({
      names: [adas('generic-w-and-b'), 'generic-team', 'plain'],
      problems: [],
    });
  });
  test('in a group is the same', async () => {
    const { tasks = [] } = specOf({ name: 'w-and-b', env: env() });
    expect(await read({ groups: [{ name: 'g', tasks }] }, [own])).toEqual({
      names: [adas('generic-w-and-b')],
      problems: [],
    });
  });
  test('of what somebody else submitted is one’s own of the same name', async () => {
    const named = (user: string) => specOf({ name: ownSecretName(user, 'generic-w-and-b'), env: env() });
    expect((await read(named('bob'), [own])).names).toEqual([adas('generic-w-and-b')]);
    expect((await read(named('ada'), [own])).names).toEqual([adas('generic-w-and-b')]);
    // A look would tell that somebody has it.
    expect((await read(named('bob'), [], [ownSecretName('bob', 'generic-w-and-b')])).problems).toHaveLength(1);
  });
});

test('what is unknown, or for something else, is refused with what there is', async () => {
  const spec = specOf(
    { name: 'wand', env: env() },
    { name: 'w-and-b', env: [...env(), ...env('kez')] },
    { name: 'hub', env: env() },
  );
  const { problems } = await read(spec, [own, entry('hub', { type: 'Registry' }, 'registry-hub')]);
  expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'spec.tasks[0].credentials[0].name: "wand": no credential of yours, and none that the namespace shares; there are W_and_b. Make it first: osmo credential set wand',
    'spec.tasks[0].credentials[1].env[1].key: "kez": no key of credential w-and-b; it has key',
    'spec.tasks[0].credentials[2].name: "hub": a credential of type REGISTRY applies by itself; remove it here',
  ]);
});

test.each([
  [specOf(), false],
  [specOf({ name: 'a', mountPath: '/a' }), true],
  [{ tasks: [{ inputs: [{ task: { name: 'b' } }] }] }, false],
  [{ tasks: [{ outputs: [{ url: { url: 's3://a' } }] }] }, true],
  [{ groups: [{ tasks: [{ checkpoints: [{ url: 's3://a' }] }] }] }, true],
])('credentials are looked up only where some may be needed', (spec, expected) => {
  expect(mayNeedCredentials(spec as unknown as WorkflowSpecInput)).toBe(expected);
});

test.each([
  ['one that is there', new KubeError({ status: 409, reason: 'AlreadyExists', message: '' }), true],
  ['what nobody can tell', new KubeError({ status: 403, reason: 'Forbidden', message: '' }), true],
  ['one that could be made', undefined, false],
])('a look for a Secret finds %s', async (_, error, expected) => {
  const asked: { dryRun?: boolean }[] = [];
  const create = (...[, , options]: [unknown, unknown, { dryRun?: boolean }]) => {
    asked.push(options);
    return error === undefined ? Promise.resolve({}) : Promise.reject(error);
  };
  const lookup = secretLookup({ create } as never, 'team-a', new AbortController().signal);
  expect(await lookup('plain')).toBe(expected);
  expect(asked).toEqual([expect.objectContaining({ dryRun: true })]);
});
