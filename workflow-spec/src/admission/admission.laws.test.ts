import { expect, test } from '@jest/globals';
import type { BackendSpec, PlatformSpec, PoolSpec, TaskTemplate, WorkflowSpec } from '@osmo/crds';
import fc from 'fast-check';
import { compileGraph } from '../graph/graph.ts';
import { anyOf } from '../testing/any-object.ts';
import { backend, named, platform, pool, shape, workflow } from '../testing/objects.ts';
import { admitWorkflow } from './admit-workflow.ts';
import { mostProblems } from './order.ts';
import type { AdmissionWorld } from './types.ts';

/** `OSMO_RUNS` are more, for runs by hand. */
const runs = Number(process.env['OSMO_RUNS'] ?? 100);

const anySpec = anyOf('Workflow') as fc.Arbitrary<WorkflowSpec>;
const seedWorkflow = workflow({ tasks: [{ name: 'a', image: 'a', command: ['a'] }] });
/** Some as they come, some without what no product could run. */
const anyWorkflow = fc.tuple(anySpec, fc.boolean()).map(([spec, calm]) => ({
  ...seedWorkflow,
  spec: calm ? calmed(spec) : spec,
}));

function calmed({ restart: _, resources: __, ...spec }: WorkflowSpec): WorkflowSpec {
  const plain = (task: TaskTemplate, name: string): TaskTemplate => {
    const { lead, privileged, hostNetwork, env } = task;
    return { name, image: 'busybox', command: ['true'], resource: 'default', lead, privileged, hostNetwork, env };
  };
  return {
    ...spec,
    ...(spec.tasks && { tasks: spec.tasks.map((task, index) => plain(task, `t${index}`)) }),
    ...(spec.groups && {
      groups: spec.groups.map(({ tasks, barrier, ignoreNonleadStatus }, at) => ({
        name: `g${at}`,
        barrier,
        ignoreNonleadStatus,
        tasks: tasks.map((task, index) => plain(task, `t${at}-${index}`)),
      })),
    }),
  };
}

const anyWorld: fc.Arbitrary<AdmissionWorld> = fc
  .record({
    poolSpec: anyOf('Pool') as fc.Arbitrary<PoolSpec>,
    platformSpec: anyOf('Platform') as fc.Arbitrary<PlatformSpec>,
    backendSpec: anyOf('Backend') as fc.Arbitrary<BackendSpec>,
    names: fc.subarray(['default', 'a', 'team-x']),
    known: fc.boolean(),
    credentials: fc.option(
      fc.dictionary(fc.constantFrom('a', 'b', 'default'), fc.constantFrom('generic', 'data', 'x')),
    ),
    defaultPool: fc.option(fc.constantFrom('a', 'default'), { nil: undefined }),
    shapes: fc.array(fc.constantFrom(shape('s', {}), shape('l', { gpu: 8 }), shape('x', { cpu: '0', memory: 'odd' }))),
  })
  .map(({ poolSpec, platformSpec, backendSpec, names, known, credentials, defaultPool, shapes }) => ({
    pools: named(...names.map((name) => ({ ...pool({}, name), spec: poolSpec }))),
    platforms: named(...names.map((name) => ({ ...platform({}, name), spec: platformSpec }))),
    backends: known ? named({ ...backend({ shapes }, poolSpec.backend), spec: backendSpec }) : undefined,
    credentials: credentials === null ? undefined : new Map(Object.entries(credentials)),
    defaultPool,
    user: { name: 'ada' },
  }));

test('whatever the schema takes gets an answer, the same each time, within its bounds', () => {
  const seen = { refused: 0, taken: 0 };
  fc.assert(
    fc.property(anyWorkflow, anyWorld, (object, world) => {
      const before = JSON.stringify(object);
      const answer = admitWorkflow(object, world);
      expect(admitWorkflow(object, world)).toEqual(answer);
      expect(JSON.stringify(object)).toBe(before);
      expect(answer.problems.length).toBeLessThanOrEqual(mostProblems);
      for (const { path, message } of answer.problems) {
        expect(path).toMatch(/^spec/);
        expect(message).not.toBe('');
      }
      // What the controllers would fail at once is never let through.
      const compiled = compileGraph(object.spec);
      if (answer.problems.length === 0) expect(compiled.problems ?? []).toEqual([]);
      seen[answer.problems.length > 0 ? 'refused' : 'taken'] += 1;
    }),
    { numRuns: runs },
  );
  // The workflows are neither all right nor all wrong.
  expect(Math.min(seen.refused, seen.taken)).toBeGreaterThan(0);
});

test('a change of any workflow to any other gets an answer too', () => {
  fc.assert(
    fc.property(anyWorkflow, anyWorkflow, anyWorld, (old, now, world) => {
      const { problems } = admitWorkflow(now, { ...world, old });
      expect(problems.length).toBeLessThanOrEqual(mostProblems);
    }),
    { numRuns: runs },
  );
});
