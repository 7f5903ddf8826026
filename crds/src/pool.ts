import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { PoolType } from './resource-types.ts';
import { exitActions, podTemplate, retryPolicy, statusHead } from './schema/common.ts';
import { flag, integer, keyedList, list, object, oneOf, set, text } from './schema/fields.ts';
import { dnsLabel, objectName } from './schema/names.ts';
import { bytes, cpu } from './schema/quantity.ts';
import { withRules } from './schema/rules.ts';
import { schedulerTypes } from './scheduler.ts';

const seconds = (doc: string) => integer(doc, { min: 1, max: 366 * 24 * 3600 }).optional();
const gpus = (doc: string) => integer(doc, { min: -1, max: 1_000_000 }).default(-1);

const spec = withRules(
  object('spec is how the pool is set up.', {
    description: text('description for people.', { max: 1024 }).optional(),
    backend: dnsLabel('backend that the pool belongs to.'),
    platforms: set('platforms that work of this pool can run on.', objectName('Name of a Platform.'), {
      max: 64,
    }).default([]),
    defaultPlatform: objectName('defaultPlatform for tasks that name none; one of platforms.').optional(),
    maintenance: flag('maintenance keeps new work back; what runs goes on.').default(false),
    scheduler: object('scheduler that places the pods.', {
      type: oneOf('type of the scheduler.', schedulerTypes).default('Default'),
      name: objectName("name that pods give as schedulerName; the type's usual one when it is not set.").optional(),
      queue: text('queue of the scheduler; osmo-pool-<namespace>-<pool> for KAI and RunAI when it is not set.', {
        min: 1,
        max: 253,
        pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?$/,
        what: 'the name of a queue',
      }).optional(),
    }).prefault({}),
    keepOutputs: oneOf(
      'keepOutputs says which output folders go to intermediate storage when no task downstream takes them and no outputs are declared: Always, or those of tasks that mention /osmo/data/output. Always when it is not set.',
      ['Always', 'Mentioned'],
    ).optional(),
    gpuQuota: withRules(
      object('gpuQuota is how many GPUs the pool is guaranteed and may use; -1 is no limit.', {
        guarantee: gpus('guarantee is the number of GPUs that High and Normal work can count on.'),
        maximum: gpus('maximum is the number of GPUs that the pool may use, idle ones of others included.'),
        weight: integer('weight of the pool when several want idle GPUs.', { min: 0, max: 1_000_000 }).default(1),
      }),
      [
        {
          rule: 'self.maximum == -1 || self.guarantee <= self.maximum',
          message: 'guarantee must not be greater than maximum',
          fieldPath: '.guarantee',
          holds: ({ guarantee, maximum }) => maximum === -1 || guarantee <= maximum,
        },
      ],
    ).optional(),
    timeouts: withRules(
      object('timeouts of groups.', {
        defaultExecSeconds: seconds('defaultExecSeconds for workflows that set no timeouts.execSeconds.'),
        maxExecSeconds: seconds('maxExecSeconds that a workflow can ask for; more is cut to it.'),
        defaultQueueSeconds: seconds('defaultQueueSeconds for workflows that set no timeouts.queueSeconds.'),
        maxQueueSeconds: seconds('maxQueueSeconds that a workflow can ask for; more is cut to it.'),
        defaultStartSeconds: seconds('defaultStartSeconds for workflows that set no timeouts.startSeconds.'),
        maxStartSeconds: seconds('maxStartSeconds that a workflow can ask for; more is cut to it.'),
        defaultUploadSeconds: seconds(
          "defaultUploadSeconds for workflows that set no timeouts.uploadSeconds; where it is not set either, the time that the task's storage takes, and at least what the backend's operator allows.",
        ),
        maxUploadSeconds: seconds('maxUploadSeconds that a workflow can ask for; more is cut to it.'),
      }),
      (['Exec', 'Queue', 'Start', 'Upload'] as const).map((name) => ({
        rule: `!has(self.default${name}Seconds) || !has(self.max${name}Seconds) || self.default${name}Seconds <= self.max${name}Seconds`,
        message: `default${name}Seconds must not be greater than max${name}Seconds`,
        fieldPath: `.default${name}Seconds`,
        holds: (value) =>
          (value[`default${name}Seconds`] ?? 0) <= (value[`max${name}Seconds`] ?? Number.MAX_SAFE_INTEGER),
      })),
    ).optional(),
    defaultExitActions: exitActions(
      'defaultExitActions for exit codes that no exit action of the task matches.',
    ).optional(),
    retryPolicy: retryPolicy('retryPolicy for what the retryPolicy of a task leaves open.').optional(),
    defaultResources: object('defaultResources of tasks, where neither workflow nor platform says how much.', {
      cpu: cpu('cpu is the number of CPUs.').default('1'),
      memory: bytes('memory is the amount of memory.').default('1Gi'),
      storage: bytes('storage is the amount of ephemeral storage.').default('1Gi'),
      gpu: integer('gpu is the number of GPUs.', { min: 0, max: 1024 }).default(0),
    }).prefault({}),
    podTemplate: podTemplate("podTemplate is merged over every pod of the pool, before the platform's.").optional(),
    resourceRules: list(
      'resourceRules are what a task must fulfil to be taken.',
      object('One rule: left operator right.', {
        operator: oneOf('operator that compares.', ['GT', 'GE', 'LT', 'LE', 'EQ']),
        left: text('left operand: a number, a quantity or a template with USER_* and K8_* variables.', {
          min: 1,
          max: 256,
        }),
        right: text('right operand, as left.', { min: 1, max: 256 }),
        message: text('message for the user when it does not hold.', { min: 1, max: 1024 }),
      }),
      { max: 64 },
    ).optional(),
    labelPolicies: keyedList(
      'labelPolicies are what labels a workflow must have, and with which values. Workflows that are there already stay as they are.',
      'key',
      object('What holds for one label.', {
        key: text('key of the label.', { min: 1, max: 317 }),
        required: flag('required says that a workflow must have the label.').default(false),
        allowed: set('allowed values; any when it is not set.', text('One value.', { min: 1, max: 63 }), {
          max: 128,
        }).optional(),
        enforcement: oneOf('enforcement says whether a workflow without is refused, or taken with a warning.', [
          'Enforce',
          'Warn',
        ]).default('Enforce'),
        message: text('message for the user, why and what to do.', { min: 1, max: 256 }).optional(),
      }),
      { max: 16 },
    ).optional(),
    topologyKeys: keyedList(
      'topologyKeys that workflows can use, from coarse to fine.',
      'key',
      object('One key.', {
        key: text('key as workflows name it.', {
          min: 1,
          max: 63,
          pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?$/,
          what: "letters, digits, '-', '_' and '.'",
        }),
        label: text('label of the nodes that stands for it.', { min: 1, max: 317 }),
      }),
      { max: 16 },
    ).optional(),
  }),
  [
    {
      rule: '!has(self.defaultPlatform) || self.defaultPlatform in self.platforms',
      message: 'defaultPlatform must be one of platforms',
      messageExpression:
        "'defaultPlatform must be one of platforms (' + self.platforms.join(', ') + '), is ' + self.defaultPlatform",
      fieldPath: '.defaultPlatform',
      holds: ({ defaultPlatform, platforms }) => defaultPlatform === undefined || platforms.includes(defaultPlatform),
    },
  ],
);

const status = object('status is whether the pool can take work.', { ...statusHead('Ready') });

export type PoolSpec = z.output<typeof spec>;
export type PoolSpecInput = z.input<typeof spec>;
export type PoolStatus = z.output<typeof status>;
export type ResourceRule = NonNullable<PoolSpec['resourceRules']>[number];
export type LabelPolicy = NonNullable<PoolSpec['labelPolicies']>[number];
export type Pool = OsmoObject<'Pool', PoolSpec, PoolStatus>;
export type PoolInput = OsmoInput<'Pool', PoolSpecInput>;

export const poolDefinition: KindDefinition = {
  type: PoolType,
  singular: 'pool',
  shortNames: ['opool'],
  description:
    'Pool is a share of a backend that workflows are submitted to, with its platforms, queue, quota and defaults.',
  name: dnsLabel('name of the pool: a DNS label, since pods are labelled with it.'),
  spec,
  status,
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: ".status.conditions[?(@.type=='Ready')].status",
      description: 'Whether it takes work.',
    },
    { name: 'Reason', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].reason", description: 'Why.' },
    { name: 'Backend', type: 'string', jsonPath: '.spec.backend', description: 'Backend that it belongs to.' },
    {
      name: 'Scheduler',
      type: 'string',
      jsonPath: '.spec.scheduler.type',
      description: 'Scheduler that places its pods.',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    {
      name: 'Platforms',
      type: 'string',
      jsonPath: '.spec.platforms',
      description: 'Platforms of the pool.',
      priority: 1,
    },
    {
      name: 'Guarantee',
      type: 'integer',
      jsonPath: '.spec.gpuQuota.guarantee',
      description: 'Guaranteed GPUs.',
      priority: 1,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: ".status.conditions[?(@.type=='Ready')].message",
      description: 'Reason in full.',
      priority: 1,
    },
  ],
};
