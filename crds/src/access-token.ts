import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { AccessTokenType } from './resource-types.ts';
import { object, set, text, time } from './schema/fields.ts';
import { objectName, osmoName } from './schema/names.ts';
import { groupName, longestUserName, mostGroups, userName } from './user.ts';

const spec = object('spec is whose the token is and what it is good for; it never changes.', {
  user: userName('user that acts with the token.'),
  name: osmoName('name of the token among those of its user.'),
  description: text('description of what it is for.', { max: 1024 }).optional(),
  hash: text('hash is the SHA-256 of the token, in hexadecimal digits. The token is not kept anywhere.', {
    max: 64,
    pattern: /^[0-9a-f]{64}$/,
    what: '64 hexadecimal digits',
  }),
  groups: set(
    'groups that it acts with, as far as its user still was in them at the last login.',
    groupName('Name of a group as the apiserver knows it.'),
    { max: mostGroups },
  ).default([]),
  roles: set(
    'roles that it is limited to; whatever its user may do when it is not set.',
    text('Name of a role.', { min: 1, max: 253 }),
    { max: 64 },
  ).optional(),
  expirationTime: time('expirationTime is when it ends.'),
  createdBy: text('createdBy is who made it.', { max: longestUserName }).optional(),
});

const status = object('status is what has become of it; the gateway alone writes it.', {
  lastUsedTime: time('lastUsedTime is when it was last used, to the hour or so.').optional(),
});

export type AccessTokenSpec = z.output<typeof spec>;
export type AccessTokenSpecInput = z.input<typeof spec>;
export type AccessTokenStatus = z.output<typeof status>;
export type AccessToken = OsmoObject<'AccessToken', AccessTokenSpec, AccessTokenStatus>;
export type AccessTokenInput = OsmoInput<'AccessToken', AccessTokenSpecInput>;

export const accessTokenDefinition: KindDefinition = {
  type: AccessTokenType,
  singular: 'accesstoken',
  shortNames: ['otoken'],
  description:
    'AccessToken is a token by which a user, or a program of theirs, signs in at the gateway. Deleting it revokes the token at once. The gateway makes it; what it holds is a hash, so that nobody can read a token here.',
  name: objectName("name: that of the User, a dot, what of the token's name can stand in one, and hex digits."),
  mutable: [],
  spec,
  status,
  columns: [
    { name: 'User', type: 'string', jsonPath: '.spec.user', description: 'Whose it is.' },
    { name: 'Token', type: 'string', jsonPath: '.spec.name', description: 'Name of the token.' },
    { name: 'Ends', type: 'string', jsonPath: '.spec.expirationTime', description: 'When it ends.' },
    { name: 'Used', type: 'date', jsonPath: '.status.lastUsedTime', description: 'When it was last used.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    { name: 'Roles', type: 'string', jsonPath: '.spec.roles', description: 'Roles it is limited to.', priority: 1 },
  ],
};
