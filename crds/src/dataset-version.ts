import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { DatasetVersionType } from './resource-types.ts';
import { anyJson, statusHead } from './schema/common.ts';
import { integer, list, object, oneOf, text } from './schema/fields.ts';
import { datasetObject, dnsLabel, manifestDigest, osmoName, uid } from './schema/names.ts';

const numbers = { min: 1, max: 2 ** 31 - 1 };
const counter = { min: 0, max: 2 ** 31 - 1 };
const amount = (doc: string) => integer(doc, { min: 0, max: Number.MAX_SAFE_INTEGER });

const provenance = object('provenance is what made the version: a task, or a change of another version.', {
  workflow: object('workflow that the task belonged to.', {
    name: dnsLabel('name of the Workflow.'),
    uid: uid('uid of the Workflow.'),
  }).optional(),
  task: osmoName('task that wrote it, as the workflow names it.').optional(),
  taskUID: uid('taskUID of the Task.').optional(),
  run: integer('run of the task.', counter).optional(),
  attempt: integer('attempt of the task.', counter).optional(),
  output: integer("output is the index among the task's outputs.", counter).optional(),
  outcome: oneOf('outcome of the task. What a Failed one wrote is never the latest version.', [
    'Completed',
    'Failed',
  ]).optional(),
  image: text('image that the task asked for.', { max: 1024 }).optional(),
  imageID: text('imageID that ran, with its digest.', { max: 1024 }).optional(),
  inputs: list(
    'inputs that it was made from, as far as they are known; the first 256.',
    object('One input: a version of a dataset, the output of a task, or a URL.', {
      dataset: datasetObject('dataset whose version it was: the name of the Dataset object.').optional(),
      version: integer('version of the dataset.', numbers).optional(),
      workflowUID: uid('workflowUID of the Workflow whose task wrote it.').optional(),
      task: osmoName('task that wrote it.').optional(),
      manifest: manifestDigest('manifest of what was read.').optional(),
      url: text('url that it was downloaded from.', { max: 1024 }).optional(),
      readBy: osmoName(
        'readBy is the task of the workflow that read it, where that is not the task that wrote the version but one whose output led to it.',
      ).optional(),
    }),
    { max: 256 },
  ).optional(),
});

const spec = object('spec is one version of a dataset; but for its metadata it never changes.', {
  dataset: datasetObject('dataset that it is a version of: the name of the Dataset object.'),
  version: integer('version is its number, from 1.', numbers),
  manifest: manifestDigest("manifest is the digest by which the bucket's repository finds it."),
  files: amount('files is how many files it has.'),
  logicalBytes: amount('logicalBytes is how large they are together.'),
  storedBytes: amount('storedBytes is how much writing it added to the store.'),
  createdBy: text('createdBy is who made it, as far as that is known.', { max: 256 }).optional(),
  provenance: provenance.optional(),
  tag: text('tag that was asked for when it was made; the Dataset has which version has it now.', {
    min: 1,
    max: 63,
  }).optional(),
  labels: anyJson('labels that were asked for when it was made; they are merged into those of the Dataset.').optional(),
  metadata: anyJson('metadata of the version: any JSON, for queries. Can be changed at any time.').optional(),
});

const status = object('status is for conditions; nothing writes any so far.', statusHead('none so far'));

export type DatasetVersionSpec = z.output<typeof spec>;
export type DatasetVersionStatus = z.output<typeof status>;
export type Provenance = z.output<typeof provenance>;
export type ProvenanceInput = NonNullable<Provenance['inputs']>[number];
export type DatasetVersion = OsmoObject<'DatasetVersion', DatasetVersionSpec, DatasetVersionStatus>;
export type DatasetVersionInput = OsmoInput<'DatasetVersion', z.input<typeof spec>>;

export const datasetVersionDefinition: KindDefinition = {
  type: DatasetVersionType,
  singular: 'datasetversion',
  shortNames: ['odsv'],
  description: 'DatasetVersion is one version of a Dataset: contents that never change, and what made them.',
  name: text("name of the object: the Dataset object's, a dot and the number.", {
    min: 5,
    max: 140,
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\.[a-z0-9]([-a-z0-9]*[a-z0-9])?\.[1-9][0-9]*$/,
    what: "the Dataset object's name, a dot and the number of the version",
  }),
  nameRule: {
    // Not `string(version)`: what becomes of that has no length that the apiserver could reckon with.
    rule: "self.metadata.name.startsWith(self.spec.dataset + '.') && int(self.metadata.name.substring(size(self.spec.dataset) + 1)) == self.spec.version",
    message: 'metadata.name must be spec.dataset, a dot and spec.version',
    holds: (name, value) => {
      const { dataset, version } = value as DatasetVersionSpec;
      return name === `${dataset}.${version}`;
    },
  },
  mutable: ['metadata'],
  spec,
  status,
  columns: [
    { name: 'Dataset', type: 'string', jsonPath: '.spec.dataset', description: 'Dataset that it belongs to.' },
    { name: 'Version', type: 'integer', jsonPath: '.spec.version', description: 'Number of the version.' },
    { name: 'Files', type: 'integer', jsonPath: '.spec.files', description: 'How many files it has.' },
    { name: 'Bytes', type: 'integer', jsonPath: '.spec.logicalBytes', description: 'How large it is.' },
    {
      name: 'Stored',
      type: 'integer',
      jsonPath: '.spec.storedBytes',
      description: 'Bytes that it added to the store.',
    },
    {
      name: 'Workflow',
      type: 'string',
      jsonPath: '.spec.provenance.workflow.name',
      description: 'Workflow that made it.',
    },
    { name: 'Task', type: 'string', jsonPath: '.spec.provenance.task', description: 'Task that made it.' },
    { name: 'By', type: 'string', jsonPath: '.spec.createdBy', description: 'Who made it.', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
  ],
};
