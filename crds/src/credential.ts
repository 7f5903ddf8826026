import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { CredentialType } from './resource-types.ts';
import { object, oneOf, set, text } from './schema/fields.ts';
import { objectName, osmoName } from './schema/names.ts';
import { mostCredentialKeys } from './credential-names.ts';
import { statusHead } from './schema/common.ts';
import { longestUserName } from './user.ts';

const spec = object('spec is what there is, without anything secret.', {
  type: oneOf(
    'type says what it is for: Registry logs in to a registry of images, Data opens object storage, Generic is for tasks that name it.',
    ['Registry', 'Data', 'Generic'],
  ),
  name: osmoName('name that recipes and commands use for it, among those of its user, or among the shared ones.'),
  user: text('user whose it is, as the apiserver knows them; absent: everybody in the namespace may use it.', {
    min: 1,
    max: longestUserName,
  }).optional(),
  profile: text(
    'profile is what it applies to by itself: a registry or a path of one (nvcr.io/org), or the profile of a storage URL (s3://bucket).',
    { min: 1, max: 512 },
  ).optional(),
  keys: set('keys that its Secret has.', text('Name of a key.', { min: 1, max: 253 }), {
    max: mostCredentialKeys,
  }).default([]),
  secretName: objectName(
    'secretName is the Secret that holds it; the one of the same name when it is not set.',
  ).optional(),
});

const status = object('status is for conditions; nothing writes any so far.', statusHead('none so far'));

export type CredentialSpec = z.output<typeof spec>;
export type CredentialSpecInput = z.input<typeof spec>;
export type CredentialStatus = z.output<typeof status>;
export type Credential = OsmoObject<'Credential', CredentialSpec, CredentialStatus>;
export type CredentialInput = OsmoInput<'Credential', CredentialSpecInput>;

export const credentialDefinition: KindDefinition = {
  type: CredentialType,
  singular: 'credential',
  shortNames: ['ocred'],
  description:
    'Credential says that there is a credential, whose, and what it applies to. What it holds is in a Secret, which goes with it; nobody reads it here.',
  spec,
  status,
  columns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type', description: 'What it is for.' },
    { name: 'Credential', type: 'string', jsonPath: '.spec.name', description: 'Name in recipes and commands.' },
    { name: 'User', type: 'string', jsonPath: '.spec.user', description: 'Whose it is; shared when empty.' },
    { name: 'Profile', type: 'string', jsonPath: '.spec.profile', description: 'What it applies to by itself.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
  ],
};
