import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { UserType } from './resource-types.ts';
import { flag, object, set, text, time } from './schema/fields.ts';
import { dnsLabel } from './schema/names.ts';
import { withRules } from './schema/rules.ts';

/** Longest name of a user that is taken, in characters. */
export const longestUserName = 256;

/** Somebody by the name that the apiserver knows them by. Kubernetes' own identities have no settings and no tokens here. */
export const userName = (doc: string) =>
  withRules(
    text(doc, {
      min: 1,
      max: longestUserName,
      pattern: /^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$/,
      what: "a user's name without control characters",
    }),
    [
      {
        rule: "!self.startsWith('system:')",
        message: "must not begin with 'system:': the cluster's own identities have tokens of their own",
        holds: (name) => !name.startsWith('system:'),
      },
    ],
  );

/** Name of a group as the apiserver knows it. */
export const groupName = (doc: string) => text(doc, { min: 1, max: 256 });

/** Most groups that are kept of one person. */
export const mostGroups = 256;

const emailAddress = (doc: string) =>
  text(doc, { min: 3, max: 254, pattern: /^[^\s@<>,;"]+@[^\s@<>,;"]+$/, what: 'an e-mail address' });

const spec = object('spec is what a person sets about themselves. It gives no right.', {
  user: userName('user is the name that the apiserver knows them by; it never changes.'),
  pool: dnsLabel('pool that workflows are submitted to when nothing names one.').optional(),
  bucket: text(
    'bucket that names of datasets without one mean, as NAMESPACE.NAME, in what comes through the gateway.',
    {
      pattern: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
      max: 127,
      what: 'NAMESPACE.NAME of a bucket',
    },
  ).optional(),
  email: emailAddress(
    'email is where notifications go; the address that the identity provider gave when it is not set.',
  ).optional(),
  notifications: object('notifications that the person wants.', {
    email: flag('email says that a workflow has ended.').optional(),
    slack: flag('slack says so there.').optional(),
  }).optional(),
});

const status = object('status is what the last login brought; the gateway alone writes it.', {
  groups: set(
    'groups that they were in. Access tokens act with no other.',
    groupName('Name of a group as the apiserver knows it.'),
    { max: mostGroups },
  ).optional(),
  email: emailAddress('email address that the identity provider gave.').optional(),
  lastLoginTime: time('lastLoginTime is when they were last seen, to the hour or so.').optional(),
  method: text('method by which they signed in.', { max: 32 }).optional(),
});

export type UserSpec = z.output<typeof spec>;
export type UserSpecInput = z.input<typeof spec>;
export type UserStatus = z.output<typeof status>;
export type User = OsmoObject<'User', UserSpec, UserStatus>;
export type UserInput = OsmoInput<'User', UserSpecInput>;

export const userDefinition: KindDefinition = {
  type: UserType,
  singular: 'user',
  shortNames: ['ouser'],
  description:
    'User is somebody who uses the gateway, with their settings: their default pool and bucket, and notifications. What they may do is said by RBAC, not here.',
  name: dnsLabel("name: what of the user's name can stand in one, a dash and ten hex digits of its SHA-256."),
  mutable: ['pool', 'bucket', 'email', 'notifications'],
  spec,
  status,
  columns: [
    { name: 'User', type: 'string', jsonPath: '.spec.user', description: 'Name that the apiserver knows them by.' },
    { name: 'Pool', type: 'string', jsonPath: '.spec.pool', description: 'Their default pool.' },
    { name: 'Seen', type: 'date', jsonPath: '.status.lastLoginTime', description: 'When they were last seen.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    {
      name: 'Method',
      type: 'string',
      jsonPath: '.status.method',
      description: 'How they signed in.',
      priority: 1,
    },
  ],
};
