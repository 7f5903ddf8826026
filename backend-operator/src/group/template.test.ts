import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newTask } from '../testing/tasks.ts';
import { mergeTemplate } from './template-merge.ts';
import { substitute, type Variables } from './template-variables.ts';
import { templateVariables } from './variables.ts';

describe('mergeTemplate', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]>([
    ['maps merge deeply, the later wins', { a: { b: 1, c: 2 } }, { a: { c: 3, d: 4 } }, { a: { b: 1, c: 3, d: 4 } }],
    [
      'elements of one name merge',
      { containers: [{ name: 'x', tty: true }] },
      { containers: [{ name: 'x', image: 'i' }] },
      { containers: [{ name: 'x', tty: true, image: 'i' }] },
    ],
    [
      'other elements are appended',
      { containers: [{ name: 'proxy' }] },
      { containers: [{ name: 'x' }] },
      { containers: [{ name: 'proxy' }, { name: 'x' }] },
    ],
    [
      'a variable replaces one of its name',
      { env: [{ name: 'A', valueFrom: { fieldRef: {} } }] },
      { env: [{ name: 'A', value: '1' }] },
      { env: [{ name: 'A', value: '1' }] },
    ],
    [
      'a volume replaces one of its name',
      { volumes: [{ name: 'v', emptyDir: {} }] },
      { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
      { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
    ],
    [
      'mounts are told apart by path, not by volume',
      { volumeMounts: [{ name: 'v', mountPath: '/a' }] },
      {
        volumeMounts: [
          { name: 'v', mountPath: '/b' },
          { name: 'w', mountPath: '/a' },
        ],
      },
      {
        volumeMounts: [
          { name: 'w', mountPath: '/a' },
          { name: 'v', mountPath: '/b' },
        ],
      },
    ],
    [
      'equal tolerations are not repeated',
      { tolerations: [{ key: 'a' }] },
      { tolerations: [{ key: 'a' }, { key: 'b' }] },
      { tolerations: [{ key: 'a' }, { key: 'b' }] },
    ],
    [
      'a command is one value',
      { command: ['a', 'b'], args: ['c'] },
      { command: ['x'] },
      { command: ['x'], args: ['c'] },
    ],
    ['what is left out keeps', { a: 1 }, { a: undefined, b: 2 }, { a: 1, b: 2 }],
  ])('%s', (_, base, over, want) => expect(mergeTemplate(base, over)).toEqual(want));

  const json = fc.dictionary(
    fc.constantFrom('a', 'b', 'env', 'volumes'),
    fc.oneof(
      fc.integer(),
      fc.array(fc.record({ name: fc.constantFrom('x', 'y', 'z') })),
      fc.dictionary(fc.constantFrom('c', 'd'), fc.integer()),
    ),
  );

  test('laws: merging nothing changes nothing; merging twice is merging once; arguments stay as they are', () => {
    fc.assert(
      fc.property(json, json, (base, over) => {
        const before = JSON.stringify([base, over]);
        const merged = mergeTemplate(base, over);
        expect(mergeTemplate(base, {})).toEqual(base);
        expect(mergeTemplate(merged, over)).toEqual(merged);
        expect(JSON.stringify([base, over])).toBe(before);
      }),
    );
  });
});

describe('substitute', () => {
  const variables: Variables = new Map<string, string | number | readonly string[] | undefined>([
    ['CPU', '4'],
    ['GPU', 0],
    ['NODES', ['a', 'b']],
    ['NONE', undefined],
  ]);

  test.each<[string, object, object]>([
    ['alone', { x: '{{CPU}}' }, { x: '4' }],
    ['with spaces', { x: '{{ CPU }}' }, { x: '4' }],
    ['in a text', { x: 'cpu-{{CPU}}-gpu-{{GPU}}' }, { x: 'cpu-4-gpu-0' }],
    ['a number is a text, as quantities are', { x: '{{GPU}}' }, { x: '0' }],
    ['a list stays a list', { values: '{{NODES}}' }, { values: ['a', 'b'] }],
    ['a list in a text', { x: 'not {{NODES}}' }, { x: 'not a,b' }],
    ['an absent value removes its key', { x: '{{NONE}}', y: 1 }, { y: 1 }],
    ['an absent value removes its element', { x: ['{{NONE}}', 'b'] }, { x: ['b'] }],
    ['an absent value in a text is empty', { x: 'a{{NONE}}b' }, { x: 'ab' }],
    ['keys', { 'cpu-{{CPU}}': true }, { 'cpu-4': true }],
    [
      'deep, and other types untouched',
      { a: [{ b: ['{{CPU}}', 3, null, false] }] },
      { a: [{ b: ['4', 3, null, false] }] },
    ],
    ['what is no token stays', { x: '{{ 4 }} {CPU} $(CPU)' }, { x: '{{ 4 }} {CPU} $(CPU)' }],
  ])('%s', (_, template, want) => expect(substitute(template, variables)).toEqual(want));

  test('an unknown variable is refused, with its place and what there is', () => {
    expect(() => substitute({ spec: { containers: [{ image: '{{IMAGE}}' }] } }, variables)).toThrow(
      'podTemplate.spec.containers[0].image: unknown variable {{IMAGE}}; known are CPU, GPU, NODES, NONE',
    );
  });

  test('a key called __proto__ is a key', () => {
    const template = JSON.parse('{"labels": {"__proto__": "{{CPU}}"}}') as object;
    expect(JSON.stringify(substitute(template, variables))).toBe('{"labels":{"__proto__":"4"}}');
  });
});

describe('templateVariables', () => {
  test("describe the task under upstream's names", () => {
    const task = newTask({
      spec: {
        submittedBy: 'jo@example.com',
        priority: 'High',
        resources: { cpu: 4, memory: '1.5Gi', storage: '100Gi', gpu: 2 },
        scheduling: { type: 'Default', nodesExcluded: ['n1', 'n2'] },
      },
    });
    expect(Object.fromEntries(templateVariables(task, 3))).toMatchInlineSnapshot(`
     {
       "USER_CACHE": "90Gi",
       "USER_CONTAINER_NAME": "train",
       "USER_CPU": "4",
       "USER_EXCLUDED_NODES": [
         "n1",
         "n2",
       ],
       "USER_GPU": 2,
       "USER_MEMORY": "1.5Gi",
       "USER_MEMORY_B": 1610612736,
       "USER_MEMORY_Gi": 1.5,
       "USER_MEMORY_Ki": 1572864,
       "USER_MEMORY_Mi": 1536,
       "USER_MEMORY_Ti": 0.00146484375,
       "USER_MEMORY_UNIT": "Gi",
       "USER_MEMORY_VAL": "1.5",
       "USER_STORAGE": "100Gi",
       "USER_STORAGE_B": 107374182400,
       "USER_STORAGE_Gi": 100,
       "USER_STORAGE_Ki": 104857600,
       "USER_STORAGE_Mi": 102400,
       "USER_STORAGE_Ti": 0.09765625,
       "USER_STORAGE_UNIT": "Gi",
       "USER_STORAGE_VAL": "100",
       "WF_GROUP_NAME": "train-group",
       "WF_GROUP_UUID": "262b7e1f-2218-2411-6dbf-56482fb8624c",
       "WF_ID": "hello",
       "WF_LEAD_CONTAINER": "true",
       "WF_PLATFORM": "cpu",
       "WF_POOL": "default",
       "WF_PRIORITY": "HIGH",
       "WF_RETRY_ID": 3,
       "WF_SUBMITTED_BY": "jo@example.com",
       "WF_TASK_NAME": "train",
       "WF_TASK_UUID": "a1b2c3d4-0000-4000-8000-000000000001",
       "WF_UUID": "5f0c4f7e-6a52-4f0a-8a1b-1d2c3b4a5968",
     }
    `);
  });

  test.each([
    [undefined, '10Gi', '9Gi'],
    ['50%', '10Gi', '5Gi'],
    ['3Gi', '10Gi', '3Gi'],
    ['50%', undefined, undefined],
  ])('a cache of %j in %j is %j', (cacheSize, storage, want) => {
    const task = newTask({ spec: { resources: { storage }, ...(cacheSize === undefined ? {} : { cacheSize }) } });
    expect(templateVariables(task, 0).get('USER_CACHE')).toBe(want);
  });

  test("the platform's variables are defaults", () => {
    const variables = [
      { name: 'USER_CPU', value: '2' },
      { name: 'USER_GPU', value: '8' },
      { name: 'SHM', value: '16Gi' },
    ];
    const all = templateVariables(newTask({ spec: { variables, resources: { gpu: 1 } } }), 0);
    expect([all.get('USER_CPU'), all.get('USER_GPU'), all.get('SHM')]).toEqual(['2', 1, '16Gi']);
  });
});
