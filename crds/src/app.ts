import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { AppType, AppVersionType } from './resource-types.ts';
import { statusHead } from './schema/common.ts';
import { integer, object, text } from './schema/fields.ts';
import { dnsLabel } from './schema/names.ts';

/** Longest recipe of an app, in characters: what fits into one object with room for the rest of it. */
const longestRecipe = 1_048_576;
const numbers = { min: 1, max: 2 ** 31 - 1 };

const spec = object('spec is what the app is. Its recipes are in AppVersions.', {
  description: text('description for people.', { max: 4096 }).optional(),
  recipe: text(
    'recipe is a template that becomes a new version when the app is created and whenever it changes here: for apps that are kept in Git. Versions that are added otherwise leave it as it is.',
    { min: 1, max: longestRecipe },
  ).optional(),
  historyLimit: integer('historyLimit is how many versions are kept; older ones are deleted.', {
    min: 1,
    max: 1000,
  }).default(100),
});

const status = object('status is which versions there are.', {
  observedGeneration: integer(
    'observedGeneration is the generation of the object that this status was computed from.',
    {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    },
  ).optional(),
  latestVersion: integer('latestVersion is the newest version that there is.', numbers).optional(),
  versions: integer('versions is how many there are.', { min: 0, max: 2 ** 31 - 1 }).default(0),
  lastVersion: integer('lastVersion is the highest number that a version ever had: none is given twice.', {
    min: 0,
    max: 2 ** 31 - 1,
  }).default(0),
  recordedDigest: text('recordedDigest is the SHA-256 of the spec.recipe that last became a version.', {
    max: 64,
    pattern: /^[0-9a-f]{64}$/,
    what: '64 hexadecimal digits',
  }).optional(),
});

export type AppSpec = z.output<typeof spec>;
export type AppSpecInput = z.input<typeof spec>;
export type AppStatus = z.output<typeof status>;
export type App = OsmoObject<'App', AppSpec, AppStatus>;
export type AppInput = OsmoInput<'App', AppSpecInput>;

export const appDefinition: KindDefinition = {
  type: AppType,
  singular: 'app',
  shortNames: ['oapp'],
  description: 'App is a recipe that people share: a template with parameters, in versions.',
  name: dnsLabel('name of the app: a DNS label, since its versions and the workflows made of it bear it.'),
  spec,
  status,
  columns: [
    { name: 'Latest', type: 'integer', jsonPath: '.status.latestVersion', description: 'Newest version.' },
    { name: 'Versions', type: 'integer', jsonPath: '.status.versions', description: 'How many versions there are.' },
    { name: 'Description', type: 'string', jsonPath: '.spec.description', description: 'Description.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
  ],
};

const versionSpec = object('spec is one version of an app; it never changes.', {
  app: dnsLabel('app that it is a version of.'),
  version: integer('version is its number, from 1.', numbers),
  recipe: text('recipe is the template, as it was written.', { min: 1, max: longestRecipe }),
  createdBy: text('createdBy is who added it, as far as that is known.', { max: 256 }).optional(),
});

const versionStatus = object('status is for conditions; nothing writes any so far.', statusHead('none so far'));

export type AppVersionSpec = z.output<typeof versionSpec>;
export type AppVersionStatus = z.output<typeof versionStatus>;
export type AppVersion = OsmoObject<'AppVersion', AppVersionSpec, AppVersionStatus>;
export type AppVersionInput = OsmoInput<'AppVersion', z.input<typeof versionSpec>>;

export const appVersionDefinition: KindDefinition = {
  type: AppVersionType,
  singular: 'appversion',
  shortNames: ['oappv'],
  description: 'AppVersion is one version of an App: a recipe that never changes. It goes with its App.',
  name: text("name of the version: the app's, a dot and the number.", {
    min: 3,
    max: 128,
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\.[1-9][0-9]*$/,
    what: "the app's name, a dot and the number of the version",
  }),
  mutable: [],
  spec: versionSpec,
  status: versionStatus,
  columns: [
    { name: 'App', type: 'string', jsonPath: '.spec.app', description: 'App that it belongs to.' },
    { name: 'Version', type: 'integer', jsonPath: '.spec.version', description: 'Number of the version.' },
    { name: 'By', type: 'string', jsonPath: '.spec.createdBy', description: 'Who added it.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
  ],
};
