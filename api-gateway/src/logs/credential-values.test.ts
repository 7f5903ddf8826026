import { describe, expect, jest, test } from '@jest/globals';
import { KubeError, type Secret } from '@osmo/kube';
import { recordingLogger } from '@osmo/kube/testing';
import { taskOf, workflowOf } from '../testing/objects.ts';
import { credentialValues } from './credential-values.ts';
import type { LogRequest } from './log-source.ts';

const started = '2026-01-01T00:01:00Z';
const request = (names: readonly string[], status: object = { startTime: started }): LogRequest => {
  const credentials = names.map((name) => ({ name, env: [{ name: 'A', key: 'a' }] }));
  return { task: taskOf(workflowOf('w'), 'a', status, { credentials }), attempt: 0, follow: false };
};
const secretOf = (name: string, text: string, written = '2026-01-01T00:00:00Z'): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name,
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [{ manager: 'kubectl', operation: 'Update', apiVersion: 'v1', time: written }],
  },
  data: { a: Buffer.from(text).toString('base64') },
});
const { signal } = new AbortController();

function reader(answers: Readonly<Record<string, Secret | Error>>) {
  const get = jest.fn(async (_: unknown, { name }: { name: string; namespace?: string }) => {
    const answer = answers[name] ?? new KubeError({ status: 404, reason: 'NotFound', message: 'not found' });
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const logger = recordingLogger();
  return { get, logger, values: credentialValues({ get } as never, logger) };
}

test('a task without credentials has none, and nobody is asked', async () => {
  const { get, values } = reader({});
  expect(await values(request([]), signal)).toEqual([]);
  expect(get).not.toHaveBeenCalled();
});
test('all of every Secret, in the namespace of the pod, each read once', async () => {
  const { get, values } = reader({ one: secretOf('one', 'hunter2'), two: secretOf('two', 'hunter3') });
  const wanted = request(['one', 'two'], { startTime: started, podNamespace: 'pods' });
  expect(await values(wanted, signal)).toEqual(['hunter2', 'hunter3']);
  expect(await values(wanted, signal)).toEqual(['hunter2', 'hunter3']);
  expect(get.mock.calls.map(([, place]) => place)).toEqual([
    { namespace: 'pods', name: 'one' },
    { namespace: 'pods', name: 'two' },
  ]);
});

describe('can not be known', () => {
  const forbidden = new KubeError({ status: 403, reason: 'Forbidden', message: 'no' });
  test.each<[string, Readonly<Record<string, Secret | Error>>, LogRequest]>([
    ['to who may not read one', { one: secretOf('one', 'x'), two: forbidden }, request(['one', 'two'])],
    ['when it is gone', {}, request(['one'])],
    ['when it was written later', { one: secretOf('one', 'x', '2026-01-01T00:01:01Z') }, request(['one'])],
    ['when the command has no start', { one: secretOf('one', 'x') }, request(['one'], {})],
    ['when nobody answers', { one: new Error('down') }, request(['one'])],
  ])('%s', async (_, answers, wanted) => expect(await reader(answers).values(wanted, signal)).toBeUndefined());
  test('which is no failure, unless the apiserver fails', async () => {
    const quiet = reader({ one: forbidden });
    await quiet.values(request(['one', 'two']), signal);
    expect(quiet.logger.lines).toEqual([]);
    const loud = reader({ one: new Error('down') });
    await loud.values(request(['one']), signal);
    expect(loud.logger.lines.map(({ level }) => level)).toEqual(['warn']);
  });
});

test('of an earlier attempt by its own start', async () => {
  const attempts = [{ attempt: 0, startTime: '2026-01-01T00:00:30Z', cause: 'User', phase: 'Failed' }];
  const wanted = request(['one'], { attempt: 1, startTime: started, attempts });
  const { values } = reader({ one: secretOf('one', 'hunter2', '2026-01-01T00:00:45Z') });
  expect(await values(wanted, signal)).toBeUndefined();
  expect(await values({ ...wanted, attempt: 1 }, signal)).toEqual(['hunter2']);
});
