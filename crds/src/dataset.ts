import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { DatasetType } from './resource-types.ts';
import { anyJson, statusHead } from './schema/common.ts';
import { integer, keyedList, list, object, oneOf, text } from './schema/fields.ts';
import { datasetObject, datasetWord, dnsLabel } from './schema/names.ts';
import { withRules } from './schema/rules.ts';

const numbers = { min: 1, max: 2 ** 31 - 1 };
const amount = (doc: string) => integer(doc, { min: 0, max: Number.MAX_SAFE_INTEGER }).optional();

const spec = withRules(
  object('spec is what the dataset is. Its contents are in DatasetVersions.', {
    bucket: dnsLabel('bucket that the dataset is kept in.'),
    name: datasetWord('name of the dataset as people write it; the folder that it is downloaded to has it.'),
    type: oneOf('type says whether it has versions of its own, or collects those of others.', [
      'Dataset',
      'Collection',
    ]).default('Dataset'),
    labels: anyJson('labels of the dataset: any JSON, for queries.').optional(),
    tags: keyedList(
      "tags are names for versions, which can be moved. 'latest' is given by itself.",
      'name',
      object('One tag.', {
        name: text('name of the tag.', {
          min: 1,
          max: 63,
          pattern: /^[a-zA-Z0-9_.-]*[a-zA-Z_.-][a-zA-Z0-9_.-]*$/,
          what: "letters, digits, '-', '_' and '.', not digits alone",
        }),
        version: integer('version that it names.', numbers),
      }),
      { max: 256 },
    ).optional(),
    members: list(
      'members of a collection: one version each of datasets of the same bucket.',
      object('One member.', {
        dataset: datasetObject('dataset is the name of the Dataset object.'),
        version: integer('version of the dataset.', numbers),
      }),
      { max: 1024 },
    ).optional(),
  }),
  [
    {
      rule: "!has(self.tags) || !self.tags.exists(t, t.name == 'latest')",
      message: "'latest' is the newest version by itself and can't be set",
      fieldPath: '.tags',
      holds: ({ tags }) => !(tags ?? []).some(({ name }) => name === 'latest'),
    },
    {
      rule: "has(self.members) == (self.type == 'Collection')",
      message: 'members must be set for the type Collection, and for no other',
      fieldPath: '.members',
      holds: ({ members, type }) => (members !== undefined) === (type === 'Collection'),
    },
  ],
);

const status = object('status is which versions there are.', {
  ...statusHead('Ready'),
  latestVersion: integer('latestVersion is the newest version that no failed task made.', numbers).optional(),
  lastVersion: integer('lastVersion is the highest number that a version ever had: none is given twice.', {
    min: 0,
    max: 2 ** 31 - 1,
  }).optional(),
  settledVersion: integer('settledVersion is the highest version whose tag and labels were taken over into the spec.', {
    min: 0,
    max: 2 ** 31 - 1,
  }).optional(),
  versions: amount('versions is how many there are.'),
  logicalBytes: amount('logicalBytes is how large all versions are together, each counted in full.'),
  storedBytes: amount('storedBytes is how much the versions added to the store when they were written.'),
});

export type DatasetSpec = z.output<typeof spec>;
export type DatasetSpecInput = z.input<typeof spec>;
export type DatasetStatus = z.output<typeof status>;
export type DatasetTag = NonNullable<DatasetSpec['tags']>[number];
export type DatasetMember = NonNullable<DatasetSpec['members']>[number];
export type Dataset = OsmoObject<'Dataset', DatasetSpec, DatasetStatus>;
export type DatasetInput = OsmoInput<'Dataset', DatasetSpecInput>;

export const datasetDefinition: KindDefinition = {
  type: DatasetType,
  singular: 'dataset',
  shortNames: ['ods'],
  description: 'Dataset is a name for data that people share, in versions, or a collection of versions of others.',
  name: datasetObject("name of the object: the bucket's, a dot and the dataset's in lower case, with '-' for '_'."),
  nameRule: {
    rule: "self.metadata.name == self.spec.bucket + '.' + self.spec.name.lowerAscii().replace('_', '-')",
    message: "metadata.name must be spec.bucket, a dot and spec.name in lower case, with '-' for '_'",
    holds: (name, value) => {
      const { bucket, name: written } = value as DatasetSpec;
      return name === `${bucket}.${written.toLowerCase().replaceAll('_', '-')}`;
    },
  },
  mutable: ['labels', 'tags', 'members'],
  spec,
  status,
  columns: [
    { name: 'Bucket', type: 'string', jsonPath: '.spec.bucket', description: 'Bucket that it is kept in.' },
    { name: 'Dataset', type: 'string', jsonPath: '.spec.name', description: 'Its name as people write it.' },
    { name: 'Latest', type: 'integer', jsonPath: '.status.latestVersion', description: 'Newest version.' },
    { name: 'Versions', type: 'integer', jsonPath: '.status.versions', description: 'How many there are.' },
    { name: 'Bytes', type: 'integer', jsonPath: '.status.logicalBytes', description: 'Bytes of all versions.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    {
      name: 'Stored',
      type: 'integer',
      jsonPath: '.status.storedBytes',
      description: 'Bytes that the versions added to the store.',
      priority: 1,
    },
    { name: 'Type', type: 'string', jsonPath: '.spec.type', description: 'Dataset or Collection.', priority: 1 },
  ],
};
