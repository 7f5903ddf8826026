import { describe, expect, test } from '@jest/globals';
import type { BackendSpecInput, Platform, PlatformSpecInput, Pool, PoolSpecInput } from '@osmo/crds';
import fc from 'fast-check';
import { backendShape } from './backend-config.ts';
import { viewOf, withConfig } from './config-fields.ts';
import { platformShape } from './platform-config.ts';
import { type PoolNow, poolThen, poolView } from './pool-changes.ts';
import { poolShape } from './pool-config.ts';
import { readRules, rulesView } from './resource-rules.ts';

/** A record of some of these keys: JSON has no undefined. */
const some = (model: Record<string, fc.Arbitrary<unknown>>) => fc.record(model, { requiredKeys: [] });
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);
const text = fc.string({ minLength: 1, maxLength: 20 });
const seconds = fc.integer({ min: 1, max: 31_622_400 });
const template = fc.record({ spec: fc.dictionary(name, fc.integer()) });
const rule = fc.record({
  operator: fc.constantFrom('GT', 'GE', 'LT', 'LE', 'EQ'),
  left: text,
  right: text,
  message: text,
});

/** What upstream's JSON has words for. */
const saidOfPools = fc
  .record({
    spec: some({
      description: text,
      defaultPlatform: name,
      gpuQuota: fc.record({ guarantee: fc.integer({ min: -1 }), maximum: fc.integer({ min: -1 }), weight: fc.nat() }),
      timeouts: fc.record(
        {
          defaultExecSeconds: seconds,
          maxExecSeconds: seconds,
          defaultQueueSeconds: seconds,
          maxQueueSeconds: seconds,
        },
        { requiredKeys: ['maxExecSeconds'] },
      ),
      defaultExitActions: fc
        .uniqueArray(fc.constantFrom('Complete', 'Fail', 'Reschedule'), { minLength: 1 })
        .map((actions) => actions.map((action, at) => ({ action, exitCodes: `${at},${10 + at}-${20 + at}` }))),
      topologyKeys: fc.array(fc.record({ key: name, label: name }), { minLength: 1, maxLength: 3 }),
    }),
    backend: name,
    maintenance: fc.boolean(),
  })
  .map(({ spec, ...rest }) => ({ ...spec, ...rest }));
/** What it has no words for, or says by a name only. */
const unsaidOfPools = some({
  podTemplate: template,
  resourceRules: fc.array(rule, { minLength: 1, maxLength: 3 }),
  retryPolicy: fc.record({ maxRetries: fc.nat({ max: 9 }) }),
  scheduler: fc.record({ type: fc.constantFrom('Default', 'KAI') }),
  defaultResources: fc.record({ cpu: fc.constantFrom('1', '500m') }),
  timeouts: fc.record({ defaultStartSeconds: seconds, defaultExecSeconds: seconds }),
  defaultExitActions: fc.constant([
    { action: 'Fail', exitCodes: '1' },
    { action: 'Complete', exitCodes: '0-5' },
    { action: 'Fail', exitCodes: '2' },
  ]),
}) as fc.Arbitrary<Partial<PoolSpecInput>>;

const saidOfPlatforms = fc
  .record({
    spec: some({
      description: text,
      nodeSelector: fc.dictionary(name, name, { minKeys: 1, maxKeys: 3 }),
      tolerations: fc.array(fc.record({ key: name, operator: fc.constant('Exists') }), { minLength: 1, maxLength: 2 }),
      variables: fc.uniqueArray(fc.record({ name, value: text }), {
        selector: (each) => each.name,
        minLength: 1,
        maxLength: 3,
      }),
      allowedMounts: fc.array(
        name.map((each) => `/${each}`),
        { minLength: 1, maxLength: 3 },
      ),
      defaultMounts: fc.array(
        name.map((each) => `/${each}`),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    privilegedAllowed: fc.boolean(),
    hostNetworkAllowed: fc.boolean(),
  })
  .map(({ spec, ...rest }) => ({ ...spec, ...rest }));
const unsaidOfPlatforms = some({
  podTemplate: template,
  defaultResources: fc.record({ gpu: fc.nat({ max: 8 }) }),
}) as fc.Arbitrary<Partial<PlatformSpecInput>>;

const saidOfBackends = some({
  description: text,
  dashboardURL: fc.constant('https://example.com/dashboard'),
  grafanaURL: fc.constant('https://example.com/grafana'),
  nodeConditions: fc
    .uniqueArray(fc.record({ type: name, status: fc.constantFrom('True', 'False|Unknown') }), {
      selector: ({ type }) => type,
      minLength: 1,
      maxLength: 3,
    })
    .map((rules) => ({ rules })),
}) as fc.Arbitrary<BackendSpecInput>;

describe('a spec in upstream’s JSON and back', () => {
  /** As it is sent: through JSON. */
  const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  test('says the same of a pool', () => {
    const shape = poolShape('lab');
    fc.assert(
      fc.property(saidOfPools, (spec) => {
        expect(withConfig(shape, { backend: '', maintenance: false }, sent(viewOf(shape, spec)), 'pool')).toEqual({
          spec,
          problems: [],
        });
      }),
    );
  });

  test('says the same of a platform', () => {
    const forbidden = { privilegedAllowed: false, hostNetworkAllowed: false };
    const shape = platformShape('l40');
    fc.assert(
      fc.property(saidOfPlatforms, (spec) => {
        expect(withConfig(shape, forbidden, sent(viewOf(shape, spec)), 'platform')).toEqual({ spec, problems: [] });
      }),
    );
  });

  test('says the same of a backend', () => {
    fc.assert(
      fc.property(saidOfBackends, (spec) => {
        expect(withConfig(backendShape, {}, sent(viewOf(backendShape, spec)), 'backend')).toEqual({
          spec,
          problems: [],
        });
      }),
    );
  });

  test('says the same of rules', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1 }), (rules) => {
        expect(readRules(sent(rulesView(rules as never)), 'rules')).toEqual(rules);
      }),
    );
  });

  test('loses nothing that the JSON has no words for: what was read and is sent back changes nothing', () => {
    const pools = fc.tuple(saidOfPools, unsaidOfPools).map(([said, unsaid]) => ({ ...said, ...unsaid }));
    const platforms = fc.tuple(saidOfPlatforms, unsaidOfPlatforms).map(([said, unsaid]) => ({ ...said, ...unsaid }));
    const world = fc.record({
      spec: pools,
      platforms: fc.uniqueArray(fc.tuple(name, platforms), { selector: ([each]) => each, maxLength: 3 }),
      verbose: fc.boolean(),
    });
    fc.assert(
      fc.property(world, ({ spec, platforms: own, verbose }) => {
        const pool = {
          metadata: { name: 'lab' },
          spec: { ...spec, platforms: own.map(([each]) => each) },
        } as unknown as Pool;
        const known = new Map(
          own.map(([each, its]) => [each, { metadata: { name: each }, spec: its } as unknown as Platform]),
        );
        const config = sent(poolView(pool, (each) => known.get(each), verbose));
        const now: PoolNow = { name: 'lab', pool, platforms: known, othersOf: () => ['other'] };
        expect(poolThen(now, config)).toEqual({ pool: pool.spec, platforms: new Map(own), problems: [] });
      }),
    );
  });
});

const pool = { backend: 'b', podTemplate: { spec: {} } } as PoolSpecInput;

describe('a pool', () => {
  test('goes back to defaults where nothing is said, and keeps what has no name in the JSON', () => {
    const full = {
      ...pool,
      description: 'x',
      retryPolicy: { maxRetries: 1 },
      timeouts: { maxExecSeconds: 5, defaultStartSeconds: 6 },
    };
    const { spec, problems } = withConfig(poolShape('lab'), full, { backend: 'b' }, 'pool');
    expect(problems).toEqual([]);
    const timeouts = { defaultStartSeconds: 6 };
    expect(spec).toEqual({ backend: 'b', maintenance: false, retryPolicy: { maxRetries: 1 }, timeouts });
  });

  test.each([
    [{ backend: '' }, 'pool.backend: must be the name of a backend'],
    [{}, 'pool.backend: must be the name of a backend'],
    [{ backend: 7 }, 'pool.backend: 7: must be a text'],
    [{ backend: 'b', colour: 'red' }, 'pool.colour: is no known field; there are description, backend'],
    [{ backend: 'b', constructor: 'red' }, 'pool.constructor: is no known field'],
    [{ backend: 'b', enable_maintenance: 'yes' }, 'pool.enable_maintenance: must be true or false'],
    [
      { backend: 'b', default_exec_timeout: 'soon' },
      "pool.default_exec_timeout: must be a duration of a second or more, such as '30m'",
    ],
    [{ backend: 'b', max_exec_timeout: 0 }, 'pool.max_exec_timeout: 0: must be a duration'],
    [
      { backend: 'b', default_exit_actions: { RESTART: '1' } },
      'pool.default_exit_actions.RESTART: must be one of COMPLETE, FAIL, RESCHEDULE',
    ],
    [{ backend: 'b', resources: { cpu: {} } }, 'pool.resources.cpu: there are quotas of gpu only'],
    [{ backend: 'b', resources: { gpu: { weight: 'x' } } }, 'pool.resources.gpu.weight: must be an integer'],
    [
      { backend: 'b', resources: { gpu: { wait: 1 } } },
      'pool.resources.gpu.wait: must be one of guarantee, maximum, weight',
    ],
    [{ backend: 'b', topology_keys: [{ key: 'rack' }] }, 'pool.topology_keys[0].label: must be a text'],
    [
      { backend: 'b', common_default_variables: { A: 1 } },
      'pool.common_default_variables: variables belong to platforms here',
    ],
    [{ backend: 'b', common_group_templates: ['x'] }, 'pool.common_group_templates: there are no group templates here'],
    [
      { backend: 'b', common_pod_template: ['default_user'] },
      'pool.common_pod_template: "default_user": must be pool.lab or nothing',
    ],
    [
      { backend: 'b', common_resource_validations: ['pool.lab'] },
      'pool.common_resource_validations: pool.lab: there is none yet',
    ],
    [[], 'pool: must be an object'],
    ['text', 'pool: must be an object'],
  ])('%j is refused', (config, message) => {
    const { problems } = withConfig(poolShape('lab'), pool, config, 'pool');
    expect(problems.map((each) => each.message.slice(0, message.length))).toEqual([message]);
  });

  test('takes upstream’s defaults for nothing, and durations in any spelling', () => {
    const config = {
      ...{
        backend: 'b',
        name: 'lab',
        status: 'ONLINE',
        last_heartbeat: null,
        download_type: 'download',
        platforms: {},
      },
      ...{
        common_default_variables: {},
        common_group_templates: [],
        common_pod_template: ['pool.lab'],
        default_platform: '',
      },
      ...{ default_exec_timeout: '60d', max_exec_timeout: 'PT1H', default_queue_timeout: 90, max_queue_timeout: null },
    };
    const { spec, problems } = withConfig(poolShape('lab'), pool, config, 'pool');
    expect(problems).toEqual([]);
    const timeouts = { defaultExecSeconds: 5_184_000, maxExecSeconds: 3600, defaultQueueSeconds: 90 };
    expect(spec).toEqual({ ...pool, maintenance: false, timeouts });
  });
});

describe('a platform of a pool', () => {
  const platform = {
    metadata: { name: 'l40' },
    spec: { privilegedAllowed: false, hostNetworkAllowed: false },
  } as Platform;
  const now = (others: string[]): PoolNow => ({
    name: 'lab',
    pool: { metadata: { name: 'lab' }, spec: { backend: 'b', platforms: ['old', 'l40'] } } as unknown as Pool,
    platforms: new Map([['l40', platform]]),
    othersOf: () => others,
  });
  const config = { backend: 'b', platforms: { h100: { description: 'new' }, l40: { privileged_allowed: true } } };

  test('is changed with it, made, and left out of it', () => {
    const then = poolThen(now([]), config);
    expect(then.problems).toEqual([]);
    expect(then.pool.platforms).toEqual(['l40', 'h100']);
    expect(then.platforms.get('l40')).toMatchObject({ privilegedAllowed: true });
    expect(then.platforms.get('h100')).toMatchObject({ description: 'new' });
  });

  test('that other pools have too is not changed, but may be named', () => {
    const { problems } = poolThen(now(['train']), config);
    expect(problems.map(({ message }) => message)).toEqual([
      'pool.platforms.l40: is of train too: change the Platform resource l40 itself, for all of them',
    ]);
    expect(poolThen(now(['train']), { backend: 'b', platforms: { l40: {} } }).problems).toEqual([]);
  });

  test.each([
    [{ platforms: [] }, 'pool.platforms: must be an object of platforms by name'],
    [{ platforms: { l40: 'x' } }, 'pool.platforms.l40: must be an object'],
    [
      { platforms: { l40: { resource_validations: ['x'] } } },
      'pool.platforms.l40.resource_validations: rules belong to pools',
    ],
    [
      { platforms: { l40: { default_variables: { A: {} } } } },
      'pool.platforms.l40.default_variables.A: must be a text or a number',
    ],
  ])('%j is refused', (wrong, message) => {
    const { problems } = poolThen(now([]), { backend: 'b', ...wrong });
    expect(problems.map((each) => each.message.slice(0, message.length))).toEqual([message]);
  });
});

test.each([
  [{ node_conditions: { rules: { Ready: 'False' } } }, 'backend.node_conditions.rules.Ready: must be True'],
  [{ node_conditions: { prefix: 'x' } }, 'backend.node_conditions.prefix: no conditions are put on nodes here'],
  [{ node_conditions: { rule: {} } }, 'backend.node_conditions.rule: is no known field'],
  [{ scheduler_settings: { scheduler_type: 'kai' } }, 'backend.scheduler_settings: the scheduler belongs to the pool'],
  [{ tests: ['gpu'] }, 'backend.tests: there are no tests of backends here'],
])('a backend with %j is refused', (config, message) => {
  const { problems } = withConfig(backendShape, {}, config, 'backend');
  expect(problems.map((each) => each.message.slice(0, message.length))).toEqual([message]);
});

test.each([
  [
    [{ operator: 'NE', left_operand: '1', right_operand: '2', assert_message: 'm' }],
    'rules[0].operator: must be one of GT',
  ],
  [[{ operator: 'GT', left_operand: '1', right_operand: '2' }], 'rules[0].assert_message: must be a text'],
  [[{ operator: 'GT', left: '1' }], 'rules[0].left: is no known field'],
  [{}, 'rules: must be a list of objects'],
])('rules %j are refused', (rules, message) => {
  expect(() => readRules(rules, 'rules')).toThrow(message);
});
