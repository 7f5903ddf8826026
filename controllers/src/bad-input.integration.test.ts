import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Workflow } from '@osmo/crds';
import { KubeError } from '@osmo/kube';
import { Tasks } from './kinds.ts';
import { openStage, type Stage } from './testing/hub.ts';

let stage: Stage;
let lab: Stage['lab'];

beforeAll(async () => {
  stage = await openStage('bad', () => ({}), {
    resourceRules: [{ operator: 'LE', left: '{{USER_CPU}}', right: '8', message: 'at most 8 CPUs' }],
  });
  ({ lab } = stage);
});

afterAll(() => stage?.close());

const task = (name: string, more: object = {}) => ({ name, image: 'busybox', command: ['true'], ...more });
const needs = (...names: string[]) => ({ inputs: names.map((name) => ({ task: { name } })) });
const one = (more: object) => ({ tasks: [task('a', more)] });
const group = (...tasks: object[]) => ({ groups: [{ name: 'g', tasks }] });

/** What the user is told, by the API at once or by the status soon after. */
async function told(name: string, spec: object): Promise<string> {
  try {
    await lab.submit(name, spec);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    expect([400, 413, 422]).toContain(error.status);
    return error.message;
  }
  const { status }: Workflow = await lab.ended(name);
  expect(status?.phase).toBe('Failed');
  return `${status?.reason}: ${status?.message}`;
}

describe('bad input is refused, or failed with a reason that a person can act on', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown field', one({ comand: ['x'] }), /unknown field "spec\.tasks\[0\]\.comand"/],
    ['no image', { tasks: [{ name: 'a', command: ['true'] }] }, /spec\.tasks\[0\]\.image: Required value/],
    ['no command', { tasks: [{ name: 'a', image: 'busybox', command: [] }] }, /spec\.tasks\[0\]\.command.*at least 1/],
    ['a name with blanks', one({ name: 'a b' }), /spec\.tasks\[0\]\.name: Invalid value: "a b"/],
    [
      'a negative number of CPUs',
      { ...one({}), resources: [{ name: 'default', cpu: -1 }] },
      /spec\.resources\[0\]\.cpu/,
    ],
    [
      'an absurd amount of memory',
      { ...one({}), resources: [{ name: 'default', memory: '9999Pi' }] },
      /spec\.resources\[0\]\.memory/,
    ],
    [
      'a quantity that is none',
      { ...one({}), resources: [{ name: 'default', memory: 'lots' }] },
      /spec\.resources\[0\]\.memory/,
    ],
    ['a negative time-out', { ...one({}), timeouts: { execSeconds: -5 } }, /spec\.timeouts\.execSeconds/],
    ['tasks and groups', { ...one({}), ...group(task('b')) }, /exactly one of tasks and groups/],
    ['neither tasks nor groups', {}, /exactly one of tasks and groups/],
    [
      'an input of two kinds',
      one({ inputs: [{ task: { name: 'b' }, url: { url: 's3://b/c' } }] }),
      /spec\.tasks\[0\]\.inputs\[0\]/,
    ],
    [
      'a priority that does not exist',
      { ...one({}), priority: 'Urgent' },
      /spec\.priority: Unsupported value: "Urgent"/,
    ],
    ['a group without a lead', group(task('a'), task('b')), /exactly one task must have lead|lead: true/],
    [
      'the same name twice',
      { tasks: [task('a'), task('a')] },
      /InvalidSpec: spec\.tasks\[1\]\.name: "a": the task clashes with/,
    ],
    [
      'names that differ in case only',
      { tasks: [task('Task-A'), task('task_a')] },
      /InvalidSpec: spec\.tasks\[1\]\.name: "task_a": the task clashes with the task "Task-A"/,
    ],
    ['a reserved name', one({ name: 'osmo-ctrl' }), /InvalidSpec: spec\.tasks\[0\]\.name: "osmo-ctrl": reserved/],
    [
      'a cycle',
      { tasks: [task('a', needs('c')), task('b', needs('a')), task('c', needs('b'))] },
      /InvalidSpec: .*b-group → c-group → a-group → b-group/,
    ],
    [
      'a task that needs itself',
      one(needs('a')),
      /InvalidSpec: spec\.tasks\[0\]\.inputs\[0\]\.task\.name: "a": a task cannot be its own input/,
    ],
    [
      'an input that does not exist',
      one(needs('nobody')),
      /InvalidSpec: spec\.tasks\[0\]\.inputs\[0\]\.task\.name: "nobody": no task of this workflow; allowed: a/,
    ],
    [
      'an input from the same group',
      group(task('a', { lead: true }), task('b', needs('a'))),
      /InvalidSpec: spec\.groups\[0\]\.tasks\[1\]\.inputs\[0\]\.task\.name: "a": the task is in the same group/,
    ],
    [
      'a resource that does not exist',
      one({ resource: 'big' }),
      /InvalidSpec: spec\.tasks\[0\]\.resource: "big": no entry of spec\.resources has this name; allowed: default/,
    ],
    [
      'a token that names nobody',
      one({ args: ['{{host:nobody}}'] }),
      /InvalidSpec: spec\.tasks\[0\]\.args\[0\]: "\{\{host:nobody\}\}": no task of the same group; allowed: a/,
    ],
    [
      'a place that is none',
      one({ outputs: [{ url: { url: 's3://B/path' } }] }),
      /InvalidSpec: spec\.tasks\[0\]\.outputs\[0\]\.url\.url: "s3:\/\/B\/path"/,
    ],
    [
      'a filter that is none',
      one({ checkpoints: [{ path: '/p', url: 's3://bucket/c', frequencySeconds: 60, regex: '(' }] }),
      /InvalidSpec: spec\.tasks\[0\]\.checkpoints\[0\]\.regex: "\("/,
    ],
    [
      'privileged where that is not allowed',
      one({ privileged: true }),
      /NotAllowed: spec\.tasks\[0\]\.privileged: true: not allowed/,
    ],
    [
      'a folder of the node',
      one({ volumeMounts: [{ hostPath: '/etc', mountPath: '/e' }] }),
      /NotAllowed: spec\.tasks\[0\]\.volumeMounts\[0\]\.hostPath: "\/etc": not allowed/,
    ],
    [
      'more than the pool allows',
      { ...one({}), resources: [{ name: 'default', cpu: 9 }] },
      /ResourceRule: spec\.tasks\[0\]: at most 8 CPUs: USER_CPU \(9\) must be at most 8/,
    ],
  ])('%s', async (what, spec, message) => {
    expect(await told(what.replaceAll(/[^a-z]+/g, '-').replace(/-$/, ''), spec)).toMatch(message);
  });
});

describe('an object near the limit of the store', () => {
  const filler = (bytes: number) => 'x'.repeat(bytes);

  test('a spec of 1.4 MiB runs, or fails with a reason; the others are not slowed', async () => {
    const files = [0, 1].map((index) => ({ path: `/f${index}`, contents: filler(700 * 1024) }));
    const large = told('large', one({ files: [...files] })).catch((error: unknown) => error);
    await lab.submit('small', one({}));
    expect((await lab.ended('small')).status?.phase).toBe('Completed');
    await large;
    const { status } = await lab.ended('large');
    expect(status?.phase).toMatch(/Completed|Failed/);
    if (status?.phase === 'Failed') expect(status.message).toMatch(/too large/);
  });

  test('a Task that grows too large by its tokens fails the workflow, and leaves no peer behind', async () => {
    const contents = '{{host:peer}} '.repeat(60_000);
    const tasks = [task('lead', { lead: true, files: [{ path: '/hosts', contents }] }), task('peer')];
    expect(await told('grown', group(...tasks))).toMatch(/^Refused: 1 of 1 groups failed; task "lead": Refused: /);
    const left = (await lab.client.list(Tasks, { namespace: lab.namespace })).items.filter((each) =>
      each.metadata.name.startsWith('grown.'),
    );
    expect(left).toEqual([]);
  });
});
