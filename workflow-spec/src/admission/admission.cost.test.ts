import { expect, test } from '@jest/globals';
import type { TaskTemplateInput, WorkflowSpecInput } from '@osmo/crds';
import { after, backend, named, platform, pool, shape, task, workflow, world } from '../testing/objects.ts';
import { admitWorkflow } from './admit-workflow.ts';

/** The same value, counting in `counter` every property and item that is read of it, however deep. */
function counting<T extends object>(value: T, counter: { reads: number }): T {
  return new Proxy(value, {
    get(target, property) {
      counter.reads += 1;
      const found: unknown = Reflect.get(target, property, target);
      return typeof found === 'object' && found !== null ? counting(found, counter) : found;
    },
  });
}

/** How much is read of a spec to judge it. */
function readsOf(spec: WorkflowSpecInput): number {
  const counter = { reads: 0 };
  const surroundings = world({
    pools: named(pool({ platforms: ['cpu'], defaultPlatform: 'cpu' })),
    platforms: named(platform()),
    backends: named(backend({ shapes: Array.from({ length: 64 }, (_, index) => shape(`s${index}`, {})) })),
    credentials: new Map([['key', 'generic']]),
  });
  const object = workflow(spec);
  admitWorkflow({ ...object, spec: counting(object.spec, counter) }, surroundings);
  return counter.reads;
}

const tasks = (count: number, make: (index: number) => TaskTemplateInput): WorkflowSpecInput => ({
  tasks: Array.from({ length: count }, (_, index) => make(index)),
});
const mounted = { volumeMounts: [{ hostPath: '/data', mountPath: '/d' }], files: [{ path: '/f', contents: 'x' }] };

test.each<[string, (count: number) => WorkflowSpecInput]>([
  [
    'tasks in a row',
    (count) => tasks(count, (index) => (index === 0 ? task('t0') : after(`t${index}`, `t${index - 1}`))),
  ],
  [
    'tasks that each are wrong in many ways',
    (count) =>
      tasks(count, (index) =>
        task(`t${index}`, {
          image: 'A',
          args: ['{{host:x}} {{input:1}}'],
          inputs: [{ task: { name: `u${index}` } }],
          credentials: [{ name: 'kez', mountPath: `/${index}` }],
          ...mounted,
        }),
      ),
  ],
  ['tasks of one name', (count) => tasks(count, () => task('t'))],
  [
    'tasks that each mount something else',
    (count) =>
      tasks(count, (index) =>
        task(`t${index}`, {
          volumeMounts: [{ hostPath: `/data/${index}`, mountPath: '/d' }],
        }),
      ),
  ],
  [
    'inputs of one task',
    (count) => ({
      tasks: [
        ...Array.from({ length: count }, (_, index) => task(`t${index}`)),
        after('last', ...Array.from({ length: count }, (_, index) => `t${index}`)),
      ],
    }),
  ],
  [
    'tasks in cycles',
    (count) => tasks(count, (index) => after(`t${index}`, `t${index % 2 === 0 ? index + 1 : index - 1}`)),
  ],
  [
    'peers of a group',
    (count) => ({
      groups: Array.from({ length: count / 100 }, (_, at) => ({
        name: `g${at}`,
        tasks: Array.from({ length: 100 }, (__, index) =>
          task(`t${at}-${index}`, { lead: index === 0, args: [`{{host:t${at}-0}}`] }),
        ),
      })),
    }),
  ],
])('%s: ten times as many cost ten times as much', (_, make) => {
  const few = readsOf(make(100));
  const many = readsOf(make(1000));
  expect(many).toBeGreaterThan(few);
  expect(many / few).toBeLessThan(11);
});

test('instances cost no more than tasks', () => {
  const sweep = (count: number): WorkflowSpecInput => ({
    tasks: [task('part', { count }), task('next', { count, inputs: [{ task: { name: 'part', instances: 'Same' } }] })],
  });
  expect(readsOf(sweep(10_000)) / readsOf(sweep(1000))).toBeLessThan(11);
});
