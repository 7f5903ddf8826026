import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { BucketType } from './resource-types.ts';
import { statusHead } from './schema/common.ts';
import { flag, integer, object, oneOf, text } from './schema/fields.ts';
import { bucketUrl, dnsLabel, objectName } from './schema/names.ts';

const amount = (doc: string) => integer(doc, { min: 0, max: Number.MAX_SAFE_INTEGER }).optional();

const spec = object('spec is where the datasets of the bucket are kept.', {
  url: bucketUrl('url of the folder in object storage that holds one repository for all datasets of the bucket.'),
  credential: objectName(
    "credential is a Secret of the namespace with the keys of a data credential; the one of the url's profile when it is not set, and what pods are allowed by themselves without that.",
  ).optional(),
  mode: oneOf('mode says whether new versions can be written.', ['ReadWrite', 'ReadOnly']).default('ReadWrite'),
  description: text('description for people.', { max: 1024 }).optional(),
  default: flag(
    'default says that names of datasets without a bucket mean this one. One of a namespace at most.',
  ).default(false),
});

const status = object('status is what the bucket holds.', {
  ...statusHead('Ready'),
  datasets: amount('datasets is how many there are.'),
  versions: amount('versions is how many versions they have together.'),
  logicalBytes: amount('logicalBytes is how large all versions are together, each counted in full.'),
  storedBytes: amount('storedBytes is how much all versions added to the store when they were written.'),
});

export type BucketSpec = z.output<typeof spec>;
export type BucketSpecInput = z.input<typeof spec>;
export type BucketStatus = z.output<typeof status>;
export type Bucket = OsmoObject<'Bucket', BucketSpec, BucketStatus>;
export type BucketInput = OsmoInput<'Bucket', BucketSpecInput>;

export const bucketDefinition: KindDefinition = {
  type: BucketType,
  singular: 'bucket',
  shortNames: ['obucket'],
  description: 'Bucket is a place in object storage where datasets are kept, deduplicated over all of their versions.',
  name: dnsLabel("name of the bucket: a DNS label, since its datasets' names begin with it."),
  // Versions are in the store that they were written to.
  mutable: ['credential', 'mode', 'description', 'default'],
  spec,
  status,
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: ".status.conditions[?(@.type=='Ready')].status",
      description: 'Whether it can be used.',
    },
    { name: 'URL', type: 'string', jsonPath: '.spec.url', description: 'Where it is.' },
    { name: 'Mode', type: 'string', jsonPath: '.spec.mode', description: 'Whether it can be written to.' },
    { name: 'Datasets', type: 'integer', jsonPath: '.status.datasets', description: 'How many datasets there are.' },
    { name: 'Default', type: 'boolean', jsonPath: '.spec.default', description: 'Whether it is the default.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    {
      name: 'Stored',
      type: 'integer',
      jsonPath: '.status.storedBytes',
      description: 'Bytes that its versions added to the store.',
      priority: 1,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: ".status.conditions[?(@.type=='Ready')].message",
      description: 'Why it can not be used.',
      priority: 1,
    },
  ],
};
