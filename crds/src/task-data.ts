import type * as z from 'zod';
import { anyJson } from './schema/common.ts';
import { flag, integer, list, object, oneOf, text, time } from './schema/fields.ts';
import { dnsLabel, fileFilter, manifestDigest, objectName, osmoName, uid } from './schema/names.ts';
import { datasetWord } from './schema/names.ts';

const index = (doc: string) => integer(doc, { min: 0, max: 4999 });
const amount = (doc: string) => integer(doc, { min: 0, max: Number.MAX_SAFE_INTEGER });
const storeUrl = (doc: string) => text(doc, { max: 1024 });

const input = object('One version of a repository that is downloaded. An input of several has several.', {
  index: index('index among the inputs: it is downloaded below /osmo/data/input/<index>.'),
  manifest: manifestDigest('manifest of the version.'),
  url: storeUrl("url of the repository; the backend's intermediate storage when it is not set.").optional(),
  credential: objectName(
    "credential for the url: a Secret; the one of the url's profile when it is not set.",
  ).optional(),
  workflowUID: uid(
    'workflowUID of the Workflow whose intermediate storage it is in; the one of the task when it is not set.',
  ).optional(),
  task: osmoName('task that wrote it.').optional(),
  path: text('path below the version that is downloaded; the whole when it is not set.', { max: 1024 }).optional(),
  regex: fileFilter('regex picks files by their path, from its start; all when it is not set.').optional(),
  folder: text('folder below /osmo/data/input/<index> that it is downloaded to: of a dataset, its name.', {
    min: 1,
    max: 128,
  }).optional(),
  dataset: object('dataset whose version it is, for the record.', {
    bucket: dnsLabel('bucket of the dataset.'),
    name: datasetWord('name of the dataset as people write it.'),
    version: integer('version of the dataset.', { min: 1, max: 2 ** 31 - 1 }),
  }).optional(),
});

const output = object('Where one output of the form dataset or updateDataset goes.', {
  index: index('index among the outputs.'),
  url: storeUrl("url of the bucket's repository."),
  credential: objectName(
    "credential for the url: a Secret; the one of the url's profile when it is not set.",
  ).optional(),
  base: manifestDigest('base is the version that the new files are added to; none when it is not set.').optional(),
  baseVersion: integer('baseVersion is the number of the version that base is.', {
    min: 1,
    max: 2 ** 31 - 1,
  }).optional(),
  dataset: object('dataset that gets a new version.', {
    bucket: dnsLabel('bucket of the dataset.'),
    name: datasetWord('name of the dataset as people write it.'),
    tag: text('tag that is given to the new version.', { max: 63 }).optional(),
  }),
});

/** `spec.data` of a Task: what of its inputs and outputs only controllers can know, resolved. */
export const taskData = object('data says which versions the inputs are and where outputs go, resolved.', {
  keep: flag('keep says that the output folder goes to intermediate storage when the command has ended.'),
  keepPaths: list(
    'keepPaths are the files and folders below the output folder that are kept; all of it when it is not set.',
    text('Path below the output folder.', { min: 1, max: 1024 }),
    { max: 64 },
  ).optional(),
  inputs: list('inputs that are versions of repositories, in the order in which they are downloaded.', input, {
    max: 10_000,
  }).optional(),
  outputs: list('outputs that become versions of datasets.', output, { max: 64 }).optional(),
});

const resultOutput = object('What became of one output.', {
  index: index('index among the outputs.'),
  manifest: manifestDigest('manifest of the version that was written; only for datasets.').optional(),
  files: amount('files that were written.'),
  bytes: amount('bytes of the files.'),
  storedBytes: amount('storedBytes that writing them added to the store.').optional(),
  metadata: anyJson('metadata that the files named by the output hold, merged.').optional(),
  labels: anyJson('labels that the files named by the output hold, merged.').optional(),
  omitted: oneOf('omitted says that metadata and labels are missing since they are too large for a result.', [
    'TooLarge',
  ]).optional(),
});

/** `status.data` of a Task: what the attempt read and wrote. */
export const taskResult = object('data is what the attempt read and wrote.', {
  input: object('input is what was downloaded.', {
    files: amount('files that were downloaded.'),
    bytes: amount('bytes of the files.'),
    startTime: time('startTime is when the first download began.').optional(),
    completionTime: time('completionTime is when the last one was done.').optional(),
  }).optional(),
  output: object('output is what of the output folder is in intermediate storage.', {
    manifest: manifestDigest('manifest of the version that was written; not set when the folder was empty.').optional(),
    files: amount('files that were written.'),
    bytes: amount('bytes of the files.'),
    storedBytes: amount('storedBytes that writing them added to the store.').optional(),
  }).optional(),
  outputs: list('outputs that were written, by index.', resultOutput, { max: 64 }).optional(),
});

export type TaskData = z.output<typeof taskData>;
export type TaskDataInput = NonNullable<TaskData['inputs']>[number];
export type TaskDataOutput = NonNullable<TaskData['outputs']>[number];
export type TaskResult = z.output<typeof taskResult>;
export type TaskResultOutput = NonNullable<TaskResult['outputs']>[number];
