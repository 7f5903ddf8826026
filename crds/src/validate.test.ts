import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { kinds } from './kinds.ts';
import { type Manifest, oneTask, pool, task, workflow } from './testing/manifests.ts';
import { rightManifests } from './testing/right-manifests.ts';
import { wrongManifests } from './testing/wrong-manifests.ts';
import { describeProblem, problemsOf, validatePool, validateWorkflow } from './validate.ts';

const problemsWith = (object: Manifest) =>
  problemsOf(
    kinds.find(({ type }) => type.kind === object.kind)!,
    object,
  );

describe('validators agree with the apiserver', () => {
  test.each(wrongManifests.map((wrong) => [wrong.title, wrong] as const))('that this is wrong: %s', (_, wrong) => {
    expect(problemsWith(wrong.object).map(({ path }) => path)).toContain(wrong.field);
  });
  test.each(rightManifests.map((right) => [right.title, right] as const))('that this is right: %s', (_, { object }) => {
    expect(problemsWith(object)).toEqual([]);
  });
});

describe('a problem has path, value and what is allowed', () => {
  const cases: [string, unknown, string][] = [
    [
      'a word that is none of the words',
      workflow({ priority: 'HIGH', tasks: [task()] }),
      `spec.priority: "HIGH": must be one of 'High', 'Normal', 'Low'`,
    ],
    ['a field that is missing', oneTask({ image: undefined }), 'spec.tasks[0].image: must be set'],
    ['a value of another type', oneTask({ command: 'true' }), 'spec.tasks[0].command: "true": must be a list'],
    [
      'a number that is too great',
      workflow({ resources: [{ name: 'default', gpu: 2000 }], tasks: [task()] }),
      'spec.resources[0].gpu: 2000: must be at most 1024',
    ],
    [
      'a unit that is none',
      workflow({ resources: [{ name: 'default', memory: '1GiB' }], tasks: [task()] }),
      `spec.resources[0].memory: "1GiB": must be a number of bytes below 1000Ti, such as '512Mi' or '1.5Gi'`,
    ],
    [
      'an unknown field',
      workflow({ tasks: [task({ inputs: [{ task: { name: 'a', regexp: 'x' } }] })] }),
      'spec.tasks[0].inputs[0].task.regexp: is no known field; allowed are name, workflow, instances, regex',
    ],
    [
      'an unknown field within what has a default',
      pool({ scheduler: { kind: 'KAI' } }),
      'spec.scheduler.kind: is no known field; allowed are type, name, queue',
    ],
    [
      'two of which only one is allowed',
      oneTask({ outputs: [{ url: { url: 's3://b/a' }, dataset: { name: 'a' } }] }),
      "spec.tasks[0].outputs[0]: exactly one of 'url', 'dataset', 'updateDataset' must be set; 'url' and 'dataset' are set",
    ],
    [
      'the same name twice',
      oneTask({ env: ['A', 'B', 'A'].map((name) => ({ name, value: '' })) }),
      'spec.tasks[0].env[2]: "A": name must be unique in the list; item 0 has the same',
    ],
    ['an empty list', workflow({ tasks: [] }), 'spec.tasks: must have at least 1 item'],
    [
      'another version',
      { ...oneTask({}), apiVersion: 'osmo.dev/v1' },
      `apiVersion: "osmo.dev/v1": must be 'osmo.dev/v1alpha1'`,
    ],
    ['no object at all', null, 'object: null: must be an object'],
  ];
  test.each(cases)('%s', (_, value, want) => {
    const validate = (value as Manifest | null)?.kind === 'Pool' ? validatePool : validateWorkflow;
    expect(validate(value).map(describeProblem)).toEqual([want]);
  });

  test('long strings are cut, so that a file does not fill the screen', () => {
    const [problem] = validateWorkflow(oneTask({ name: 'x'.repeat(5000) }));
    expect(String(problem?.value)).toHaveLength(64);
  });

  test('several problems are found at once', () => {
    const problems = validateWorkflow(workflow({ priority: 'x', tasks: [task({ name: '1' }), task({ image: '' })] }));
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['spec.priority', 'spec.tasks[0].name', 'spec.tasks[1].image']),
    );
  });
});

test('anything may be validated: the answer is a list of problems, never an exception', () => {
  fc.assert(
    fc.property(fc.anything(), fc.nat(kinds.length - 1), (value, index) => {
      const kind = kinds[index]!;
      const whole = { apiVersion: 'osmo.dev/v1alpha1', kind: kind.type.kind, metadata: { name: 'a' }, spec: value };
      for (const object of [value, whole]) {
        for (const problem of problemsOf(kind, object)) expect(describeProblem(problem)).toMatch(/^.+: ./s);
      }
    }),
  );
});

test('status is checked too: what an operator writes must be what the apiserver takes', () => {
  const status = { phase: 'Done', conditions: [{ type: 'Admitted', status: 'yes' }], startTime: '2026-01-31' };
  expect(validateWorkflow({ ...oneTask({}), status }).map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'status.phase',
      'status.conditions[0].status',
      'status.conditions[0].reason',
      'status.startTime',
    ]),
  );
});
