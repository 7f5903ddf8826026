import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { mostReservations } from './quota-names.ts';
import { QuotaType, QuotaUsageType } from './resource-types.ts';
import { statusHead } from './schema/common.ts';
import { integer, list, object, oneOf, text, time } from './schema/fields.ts';
import { objectName } from './schema/names.ts';
import { withRules } from './schema/rules.ts';
import { longestUserName } from './user.ts';

const most = 1_000_000;

const subject = withRules(
  object('Whom it limits.', {
    kind: oneOf(
      'kind of the subject. EachUser is every user by themselves, Group is each member by themselves, User is one; EachNamespace is all workflows of every namespace, Namespace is those of one.',
      ['EachUser', 'Group', 'User', 'EachNamespace', 'Namespace'],
    ),
    name: text('name of the user, group or namespace, as the apiserver knows it.', {
      min: 1,
      max: longestUserName,
    }).optional(),
  }),
  [
    {
      rule: "has(self.name) != (self.kind in ['EachUser', 'EachNamespace'])",
      message: 'name must be set for User, Group and Namespace, and only for these',
      fieldPath: '.name',
      holds: ({ kind, name }) => (name !== undefined) !== (kind === 'EachUser' || kind === 'EachNamespace'),
    },
  ],
);

const limit = (doc: string) => integer(doc, { min: 0, max: most }).optional();
const count = (doc: string) => integer(doc, { min: 0, max: 2 ** 31 - 1 });

const limits = (doc: string) =>
  object(doc, {
    workflows: limit('workflows that have not ended; any number when it is not set.'),
    tasks: limit('tasks that have not ended, those that wait included; any number when it is not set.'),
  });

const quotaSpec = object('spec is whom it limits, and to what.', {
  subjects: list('subjects that are limited, each by itself.', subject, { min: 1, max: 64 }),
  limits: withRules(limits('limits of each subject.'), [
    {
      rule: 'has(self.workflows) || has(self.tasks)',
      message: 'workflows or tasks must be set',
      holds: ({ workflows, tasks }) => workflows !== undefined || tasks !== undefined,
    },
  ]),
});

const quotaStatus = object('status is for conditions; nothing writes any so far.', statusHead('none so far'));

const usageSpec = object('spec is whose workflows are counted; it never changes.', {
  kind: oneOf('kind of the subject.', ['User', 'Namespace']),
  name: text('name of the user or namespace.', { min: 1, max: longestUserName }),
});

const usageStatus = object('status is what they use.', {
  workflows: count('workflows that have not ended, as the controllers counted.').optional(),
  tasks: count('tasks of these that have not ended.').optional(),
  countTime: time('countTime is when they were first counted. Nothing is let through before.').optional(),
  oldest: list(
    'oldest of the workflows.',
    object('One workflow.', {
      namespace: text('namespace of the workflow.', { max: 63 }),
      name: text('name of the workflow.', { max: 63 }),
    }),
    { max: 3 },
  ).optional(),
  users: list(
    'users who have most of the workflows of a namespace.',
    object('One user.', {
      name: text('name of the user.', { max: longestUserName }),
      workflows: count('workflows of the user.'),
    }),
    { max: 3 },
  ).optional(),
  quota: objectName('quota that was asked last.').optional(),
  limits: limits('limits of that quota.').optional(),
  reservations: list(
    'reservations are workflows that were let through and have not been counted yet.',
    object('One workflow.', {
      uid: text('uid of the workflow.', { max: 64 }),
      workflow: text('workflow is its namespace, a slash and its name.', { max: 128 }),
      tasks: count('tasks of the workflow.'),
      time: time('time at which it was let through.'),
      restart: text(
        'restart that adds these tasks to a workflow that counts already; none for a workflow that starts.',
        {
          max: 128,
        },
      ).optional(),
    }),
    { max: mostReservations },
  ).optional(),
});

export type QuotaSpec = z.output<typeof quotaSpec>;
export type QuotaSpecInput = z.input<typeof quotaSpec>;
export type QuotaSubject = QuotaSpec['subjects'][number];
export type QuotaLimits = QuotaSpec['limits'];
export type QuotaStatus = z.output<typeof quotaStatus>;
export type Quota = OsmoObject<'Quota', QuotaSpec, QuotaStatus>;
export type QuotaInput = OsmoInput<'Quota', QuotaSpecInput>;
export type QuotaUsageSpec = z.output<typeof usageSpec>;
export type QuotaUsageStatus = z.output<typeof usageStatus>;
export type QuotaReservation = NonNullable<QuotaUsageStatus['reservations']>[number];
export type QuotaUsage = OsmoObject<'QuotaUsage', QuotaUsageSpec, QuotaUsageStatus>;
export type QuotaUsageInput = OsmoInput<'QuotaUsage', z.input<typeof usageSpec>>;

export const quotaDefinition: KindDefinition = {
  type: QuotaType,
  singular: 'quota',
  shortNames: ['oquota'],
  description:
    'Quota limits how many workflows and tasks users and namespaces may have that have not ended. Of several quotas for the same user the one for the user counts, else the largest for one of their groups, else that for each user; for a namespace likewise.',
  spec: quotaSpec,
  status: quotaStatus,
  columns: [
    { name: 'For', type: 'string', jsonPath: '.spec.subjects[*].kind', description: 'Whom it limits.' },
    { name: 'Workflows', type: 'integer', jsonPath: '.spec.limits.workflows', description: 'Most workflows.' },
    { name: 'Tasks', type: 'integer', jsonPath: '.spec.limits.tasks', description: 'Most tasks.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
  ],
};

export const quotaUsageDefinition: KindDefinition = {
  type: QuotaUsageType,
  singular: 'quotausage',
  shortNames: ['oquse'],
  description:
    'QuotaUsage is what one user or namespace has of what a Quota limits. The webhooks make one when a limited workflow is first submitted, and reserve in it; the controllers count.',
  name: objectName("name: 'user.' and the name of the User object, or 'namespace.' and the namespace."),
  mutable: [],
  spec: usageSpec,
  status: usageStatus,
  columns: [
    { name: 'Kind', type: 'string', jsonPath: '.spec.kind', description: 'Whether of a user or a namespace.' },
    { name: 'Subject', type: 'string', jsonPath: '.spec.name', description: 'Whose.' },
    { name: 'Workflows', type: 'integer', jsonPath: '.status.workflows', description: 'That have not ended.' },
    { name: 'Of', type: 'integer', jsonPath: '.status.limits.workflows', description: 'Most workflows.' },
    { name: 'Tasks', type: 'integer', jsonPath: '.status.tasks', description: 'That have not ended.' },
    { name: 'Of Tasks', type: 'integer', jsonPath: '.status.limits.tasks', description: 'Most tasks.' },
    { name: 'Quota', type: 'string', jsonPath: '.status.quota', description: 'Quota that limits it.' },
  ],
};
