import type * as z from 'zod';
import { appReference } from './app-reference.ts';
import { Names } from './constants.ts';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { WorkflowType } from './resource-types.ts';
import { cancellation, fanOut, labels, priority, reason, statusHead, statusMessage } from './schema/common.ts';
import { flag, integer, keyedList, list, object, oneOf, text, time } from './schema/fields.ts';
import { dnsLabel, objectName, osmoName } from './schema/names.ts';
import { bytes, cpu } from './schema/quantity.ts';
import { withRules } from './schema/rules.ts';
import { taskTemplate } from './task-template.ts';

/** Longest time-out that can be asked for; pools set lower ones. */
const yearSeconds = 366 * 24 * 3600;

/** Time-outs of one group. */
export const timeouts = (doc: string) =>
  object(doc, {
    execSeconds: integer("execSeconds is the longest that a group may run; the pool's default when it is not set.", {
      min: 1,
      max: yearSeconds,
    }).optional(),
    queueSeconds: integer(
      "queueSeconds is the longest that a group may wait for nodes; the pool's default when it is not set.",
      {
        min: 1,
        max: yearSeconds,
      },
    ).optional(),
    startSeconds: integer(
      "startSeconds is the longest that a task may take from its node to its command; the pool's default when it is not set.",
      { min: 1, max: yearSeconds },
    ).optional(),
    uploadSeconds: integer(
      "uploadSeconds is the longest that the outputs of a task may take to be uploaded after its command ended; the pool's default when it is not set.",
      { min: 1, max: yearSeconds },
    ).optional(),
  });

const resourceSpec = object('What tasks that name this entry need.', {
  name: osmoName('name of the entry.'),
  cpu: cpu(
    "cpu is the number of CPUs: 2, '0.5' or 500m; the platform's or pool's default when it is not set.",
  ).optional(),
  memory: bytes("memory such as 512Mi or 64Gi; the platform's or pool's default when it is not set.").optional(),
  storage: bytes(
    "storage is ephemeral storage such as 100Gi; the platform's or pool's default when it is not set.",
  ).optional(),
  gpu: integer("gpu is the number of GPUs; the platform's or pool's default when it is not set.", {
    min: 0,
    max: 1024,
  }).optional(),
  platform: objectName("platform of the pool to run on; the pool's default when it is not set.").optional(),
  nodesExcluded: list('nodesExcluded are names of nodes to keep away from.', objectName('Name of a node.'), {
    max: 256,
  }).optional(),
  topology: list(
    'topology says which tasks must be close to each other.',
    object('One requirement.', {
      key: text("key is one of the pool's topology keys.", {
        min: 1,
        max: 63,
        pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?$/,
        what: 'a topology key of the pool',
      }),
      group: osmoName('group of tasks that must share the place.').default('default'),
      requirement: oneOf('requirement says how strict it is.', ['Required', 'Preferred']).default('Required'),
    }),
    { max: 8 },
  ).optional(),
});

const group = withRules(
  object('One group: tasks that start together.', {
    name: osmoName(
      "name of the group; unique among the workflow's tasks and groups, where case and '-' or '_' make no difference.",
    ),
    barrier: flag('barrier holds every command back until all tasks of the group are ready.').default(true),
    ignoreNonleadStatus: flag(
      'ignoreNonleadStatus lets the group go on when a task that is not its lead fails.',
    ).default(true),
    ...fanOut('group'),
    tasks: list('tasks of the group. Exactly one is the lead when there are several.', taskTemplate, {
      min: 1,
      max: 1024,
    }),
  }),
  [
    {
      rule: 'self.tasks.size() == 1 || self.tasks.exists_one(t, t.lead)',
      message: 'exactly one task must have lead: true in a group of more than one task',
      fieldPath: '.tasks',
      holds: ({ tasks }) => tasks.length === 1 || tasks.filter(({ lead }) => lead).length === 1,
    },
  ],
);

const spec = withRules(
  object(
    'spec is what to run. It is immutable but for pool, cancel, suspend, restart, maxParallel, ttlSecondsAfterFinished and notifications.',
    {
      pool: dnsLabel('pool to run in. Can be changed as long as no task was created.').default(Names.defaultPool),
      priority: priority(
        'priority in the queue of the pool. Low work may be preempted and may use more than the guaranteed quota.',
      ).default('Normal'),
      labels: labels('labels of the pods, e.g. for chargeback.', { max: 16, min: 1 }).optional(),
      timeouts: timeouts('timeouts of each group.').optional(),
      resources: keyedList('resources are named needs that tasks refer to.', 'name', resourceSpec, {
        max: 64,
      }).optional(),
      tasks: list('tasks that each are a group of their own. Exactly one of tasks and groups is set.', taskTemplate, {
        min: 1,
        max: 5000,
      }).optional(),
      groups: list('groups of tasks that start together. Exactly one of tasks and groups is set.', group, {
        min: 1,
        max: 2048,
      }).optional(),
      maxParallel: integer(
        'maxParallel is how many groups may be started and not ended at a time; any number when it is not set. Can be changed at any time.',
        { min: 1, max: 10_000 },
      ).optional(),
      suspend: flag(
        'suspend keeps groups from starting: those that wait for nodes give up their places, those whose commands run go on. Can be changed at any time.',
      ).optional(),
      cancel: cancellation(
        'cancel ends the workflow. Can be set at any time; taking it away brings nothing back, but lets restart run it again.',
      ).optional(),
      restart: object(
        'restart runs tasks again: those that failed and what depends on them, or a chosen set. It takes place once for each id. Can be changed at any time.',
        {
          id: text('id of the request: a new one restarts again.', { min: 1, max: 128 }),
          tasks: list(
            'tasks to run again, by name, with all that depends on them; those that failed, were canceled or never ran when it is not set.',
            osmoName('Name of a task.'),
            { min: 1, max: 1024 },
          ).optional(),
          pinned: flag('pinned runs exactly the images that ran before, by their digests.').optional(),
          by: text('by is who restarts.', { max: 256 }).optional(),
        },
      ).optional(),
      ttlSecondsAfterFinished: integer(
        "ttlSecondsAfterFinished is how long the workflow's objects stay after its end; the installation's default when it is not set. Can be changed at any time.",
        { min: 0, max: yearSeconds },
      ).optional(),
      notifications: list(
        'notifications are web hooks that are told of the end, as CloudEvents; whoever may read the workflow can read their URLs. Can be changed at any time.',
        object('One web hook.', {
          url: text('url that is called by POST: https, at a public address.', {
            max: 2048,
            pattern: /^https?:\/\/[^\s]+$/,
            what: 'a URL that begins with https://',
          }),
          on: oneOf('on says whether every end is told, or only a failure.', ['Ended', 'Failed']).default('Ended'),
        }),
        { max: 8 },
      ).optional(),
      app: appReference.optional(),
      source: object('source is the recipe that this was rendered from, for the record.', {
        template: text('template before rendering.', { max: 1_048_576 }).optional(),
        values: keyedList(
          'values that the template was rendered with.',
          'name',
          object('One value.', {
            name: text('name of the value.', { min: 1, max: 256 }),
            value: text('value as text.', { max: 65_536 }),
          }),
          { max: 512 },
        ).optional(),
      }).optional(),
    },
  ),
  [
    {
      rule: 'has(self.tasks) != has(self.groups)',
      message: 'exactly one of tasks and groups must be set',
      holds: (value) => (value.tasks === undefined) !== (value.groups === undefined),
    },
    {
      rule: '!has(self.app) || has(self.tasks) || has(self.groups)',
      message:
        "must be filled in by the webhooks, which this cluster doesn't have: install them (webhooks.enabled), or submit the app with osmo app submit",
      fieldPath: '.app',
      holds: ({ app, tasks, groups }) => app === undefined || tasks !== undefined || groups !== undefined,
    },
  ],
);

const count = (doc: string) => integer(doc, { min: 0, max: 1_048_576 }).default(0);
const counts = (doc: string) =>
  object(doc, {
    total: count('total of them.'),
    waiting: count('waiting for others to end first.'),
    active: count('active: created and not ended.'),
    completed: count('completed.'),
    failed: count('failed.'),
    upstream: count('upstream: not run since something they need failed.'),
  });

const status = object('status is what has become of it.', {
  ...statusHead('Admitted and Succeeded'),
  phase: oneOf('phase in one word, for people.', ['Pending', 'Running', 'Completed', 'Failed']).default('Pending'),
  reason: reason('reason why it is pending or failed, in one word.').optional(),
  message: statusMessage('message says the same for people.').optional(),
  run: integer('run is how often it was restarted.', { min: 0, max: 2 ** 31 - 1 }).optional(),
  restartID: text('restartID is the id of the restart that took place last.', { max: 128 }).optional(),
  startTime: time(
    'startTime is when the first command ran; not set as long as none has, nor when all failed before.',
  ).optional(),
  completionTime: time('completionTime is when the last group ended.').optional(),
  taskCounts: counts('taskCounts are numbers of tasks.').optional(),
  groupCounts: counts('groupCounts are numbers of groups.').optional(),
  notifications: list(
    'notifications say who was told of its end, and who could not be.',
    object('One who was to be told.', {
      target: text(
        "target is email, slack, webhook/ and the name of the administrator's, or own/ and a digest of the URL.",
        {
          max: 128,
        },
      ),
      run: integer('run whose end was told.', { min: 0, max: 2 ** 31 - 1 }),
      state: oneOf('state says whether they were told.', ['Sent', 'Failed']),
      time: time('time of the last attempt.'),
      message: text('message says why they could not be told.', { max: 256 }).optional(),
    }),
    { max: 64 },
  ).optional(),
  recentTasks: list(
    'recentTasks are the tasks that are most worth a look: failed ones first, then the latest. The Tasks have all.',
    object('One task.', {
      name: osmoName('name of the task.'),
      group: text('group of the task.', { max: 128 }),
      phase: oneOf('phase of the task.', ['Pending', 'Scheduling', 'Initializing', 'Running', 'Completed', 'Failed']),
      reason: reason('reason of the phase.').optional(),
      exitCode: integer('exitCode of the task.', { min: 0, max: 2 ** 31 - 1 }).optional(),
      message: text('message of the task, cut to 256 characters.', { max: 256 }).optional(),
      time: time('time of its last change.'),
    }),
    { max: 32 },
  ).optional(),
});

export type WorkflowSpec = z.output<typeof spec>;
export type WorkflowSpecInput = z.input<typeof spec>;
export type WorkflowStatus = z.output<typeof status>;
export type WorkflowPhase = WorkflowStatus['phase'];
export type WorkflowCounts = NonNullable<WorkflowStatus['taskCounts']>;
export type RecentTask = NonNullable<WorkflowStatus['recentTasks']>[number];
export type GroupTemplate = z.output<typeof group>;
export type ResourceSpec = z.output<typeof resourceSpec>;
export type Timeouts = NonNullable<WorkflowSpec['timeouts']>;
export type Restart = NonNullable<WorkflowSpec['restart']>;
export type Cancellation = NonNullable<WorkflowSpec['cancel']>;
export type Priority = WorkflowSpec['priority'];
export type Workflow = OsmoObject<'Workflow', WorkflowSpec, WorkflowStatus>;
export type WorkflowInput = OsmoInput<'Workflow', WorkflowSpecInput>;

export const workflowDefinition: KindDefinition = {
  type: WorkflowType,
  singular: 'workflow',
  shortNames: ['wf'],
  description: 'Workflow is a graph of tasks that run in containers, in the order that their inputs ask for.',
  // Tasks are named `<workflow>.<task>`, and pods are labelled with it.
  name: dnsLabel('name of the workflow: a DNS label, since it becomes a part of other names and a label.'),
  mutable: ['pool', 'cancel', 'suspend', 'restart', 'maxParallel', 'ttlSecondsAfterFinished', 'notifications'],
  spec,
  status,
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Phase of the workflow.' },
    { name: 'Reason', type: 'string', jsonPath: '.status.reason', description: 'Why it is pending or failed.' },
    { name: 'Done', type: 'integer', jsonPath: '.status.taskCounts.completed', description: 'Completed tasks.' },
    { name: 'Tasks', type: 'integer', jsonPath: '.status.taskCounts.total', description: 'All tasks.' },
    { name: 'Pool', type: 'string', jsonPath: '.spec.pool', description: 'Pool that it runs in.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    {
      name: 'Active',
      type: 'integer',
      jsonPath: '.status.taskCounts.active',
      description: 'Tasks that run or queue.',
      priority: 1,
    },
    {
      name: 'Failed',
      type: 'integer',
      jsonPath: '.status.taskCounts.failed',
      description: 'Failed tasks.',
      priority: 1,
    },
    {
      name: 'Priority',
      type: 'string',
      jsonPath: '.spec.priority',
      description: 'Priority in the queue.',
      priority: 1,
    },
    { name: 'Started', type: 'date', jsonPath: '.status.startTime', description: 'Since when it runs.', priority: 1 },
    { name: 'Ended', type: 'date', jsonPath: '.status.completionTime', description: 'When it ended.', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Reason in full.', priority: 1 },
  ],
};
