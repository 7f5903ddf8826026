import {
  absolutePath,
  datasetName,
  dnsLabel,
  fileFilter,
  objectName,
  osmoName,
  storageUrl,
  variableName,
} from './schema/names.ts';
import { exitActions, fanOut, retryPolicy } from './schema/common.ts';
import { exactlyOneOptional } from './schema/rules.ts';
import { flag, integer, keyedList, list, object, oneOf, text } from './schema/fields.ts';
import type * as z from 'zod';

/*
 * Nothing in here carries CEL: the apiserver multiplies the cost of a rule by the largest number of tasks and inner items
 * that a Workflow may hold, and runs it again at every write of the status. Patterns, bounds, `oneOf` and keyed lists say
 * the same for next to nothing.
 */

// First path segment: anything but `osmo` (RE2 has no look-ahead), or the output folder below it.
const filePath =
  /^\/(osmo\/data\/output\/[^/\x00].*|([^/o\x00][^/\x00]*|o|os|osm|o[^/s\x00][^/\x00]*|os[^/m\x00][^/\x00]*|osm[^/o\x00][^/\x00]*|osmo[^/\x00]+)(\/[^\x00]*)?)$/;

const urlCredential = objectName(
  "credential is a Secret of the namespace with the keys of a data credential; the one of the url's profile when it is not set.",
).optional();

const urlTransfer = (doc: string) =>
  object(doc, {
    url: storageUrl('url of a folder in object storage.'),
    regex: fileFilter('regex picks files by their path below url, from its start; all when it is not set.').optional(),
    credential: urlCredential,
  });

const metadataFiles = (doc: string) =>
  list(doc, text('Path of a YAML file below the output folder.', { max: 1024 }), { max: 32 }).optional();

const input = exactlyOneOptional(
  object('One input: exactly one of task, url and dataset.', {
    task: object('task whose output is the input. This task then runs after the group of that one.', {
      name: osmoName('name of the task.'),
      workflow: dnsLabel(
        'workflow that the task belongs to: the name of a finished Workflow of the namespace; this workflow when it is not set.',
      ).optional(),
      instances: oneOf(
        'instances says, of a task with count or matrix, whether All of its instances are the input or only the one with the Same index; All when it is not set.',
        ['All', 'Same'],
      ).optional(),
      regex: fileFilter(
        'regex picks files by their path in the output, from its start; all when it is not set.',
      ).optional(),
    }).optional(),
    url: urlTransfer('url of a folder in object storage that is downloaded.').optional(),
    dataset: object('dataset that is downloaded.', {
      name: datasetName("name of the dataset: '[bucket/]name[:version or tag]'."),
      path: text('path below the dataset; the whole when it is not set.', { max: 1024 }).optional(),
      regex: fileFilter(
        'regex picks files by their path in the dataset, from its start; all when it is not set.',
      ).optional(),
      localPath: text('localPath that the dataset was uploaded from at submission, for the record.', {
        max: 1024,
      }).optional(),
    }).optional(),
  }),
);

const output = exactlyOneOptional(
  object('One output: exactly one of url, dataset and updateDataset.', {
    url: urlTransfer('url of a folder in object storage that the output folder is uploaded to.').optional(),
    dataset: object('dataset that gets the output folder as a new version.', {
      name: datasetName("name of the dataset: '[bucket/]name[:tag]'."),
      path: text('path below the output folder; the whole when it is not set.', { max: 1024 }).optional(),
      regex: fileFilter('regex picks files by their path, from its start; all when it is not set.').optional(),
      metadata: metadataFiles('metadata files for the version.'),
      labels: metadataFiles('labels files for the dataset.'),
    }).optional(),
    updateDataset: object(
      'updateDataset is a dataset whose latest version, with the paths added, becomes a new version.',
      {
        name: datasetName("name of the dataset: '[bucket/]name[:version or tag]'."),
        paths: list(
          'paths below the output folder that are added; the whole when it is not set.',
          text('Path.', { max: 1024 }),
          {
            max: 64,
          },
        ).optional(),
        metadata: metadataFiles('metadata files for the version.'),
        labels: metadataFiles('labels files for the dataset.'),
      },
    ).optional(),
  }),
);

const credential = exactlyOneOptional(
  object('One credential: a Secret of the namespace, handed over by exactly one of env and mountPath.', {
    name: objectName('name of the Secret.'),
    env: keyedList(
      "env sets environment variables from the Secret's keys.",
      'name',
      object('One variable.', {
        name: variableName('name of the variable.'),
        key: text('key of the Secret that has its value.', {
          min: 1,
          max: 253,
          pattern: /^[-._a-zA-Z0-9]+$/,
          what: "a key of a Secret: letters, digits, '-', '_' and '.'",
        }),
      }),
      { min: 1, max: 64 },
    ).optional(),
    mountPath: absolutePath("mountPath is a folder that gets each of the Secret's keys as a file.").optional(),
  }),
);

/** What a task runs: fields that a Task takes over from the template as they are. */
export const taskBody = {
  image: text('image that the task runs in, e.g. ubuntu:24.04.', {
    min: 1,
    max: 512,
    pattern: /^[a-zA-Z0-9{]([a-zA-Z0-9._:/@{}-]*[a-zA-Z0-9}])?$/,
    what: "an image reference such as 'ubuntu:24.04' or 'registry.example.com/team/app@sha256:…'",
  }),
  command: list("command that runs in place of the image's entry point.", text('One word.', { max: 1_048_576 }), {
    min: 1,
    max: 256,
  }),
  args: list(
    'args of the command. $(NAME) stands for the environment variable NAME.',
    text('One word.', { max: 1_048_576 }),
    {
      max: 4096,
    },
  ).optional(),
  env: keyedList(
    'env is the environment of the command.',
    'name',
    object('One variable.', {
      name: variableName('name of the variable.'),
      value: text('value of the variable.', { max: 131_072 }),
    }),
    { max: 512 },
  ).optional(),
  files: keyedList(
    'files that are placed in the container before the command starts.',
    'path',
    object('One file.', {
      path: text('path of the file: absolute, not below /osmo but for /osmo/data/output.', {
        max: 1024,
        pattern: filePath,
        what: "an absolute path of a file, not below '/osmo' but for '/osmo/data/output/'",
      }),
      contents: text('contents of the file.', { max: 1_048_576 }),
      base64: flag('base64 says that contents is base64 of what the file holds.').default(false),
    }),
    { max: 64 },
  ).optional(),
  inputs: list('inputs that are downloaded before the command starts, number i to /osmo/data/input/i.', input, {
    max: 5000,
  }).optional(),
  outputs: list('outputs that /osmo/data/output is uploaded to after the command ended.', output, {
    max: 64,
  }).optional(),
  credentials: keyedList('credentials that the command gets.', 'name', credential, { max: 64 }).optional(),
  volumeMounts: list(
    'volumeMounts are folders of the node. The platform says which are allowed.',
    object('One mount.', {
      hostPath: absolutePath('hostPath is the folder on the node.'),
      mountPath: absolutePath('mountPath is where the container sees it.'),
    }),
    { max: 64 },
  ).optional(),
  privileged: flag('privileged runs the container with all rights on the node. The platform must allow it.').default(
    false,
  ),
  hostNetwork: flag("hostNetwork puts the pod in the node's network. The platform must allow it.").default(false),
  exitActions: exitActions(
    "exitActions by exit code; the first that matches wins, then the pool's, then 0 completes and anything else fails.",
  ).optional(),
  retryPolicy: retryPolicy(
    "retryPolicy says how often the task is tried again; the pool's where a field is not set.",
  ).optional(),
  checkpoints: list(
    'checkpoints are folders that are uploaded again and again while the command runs.',
    object('One checkpoint.', {
      path: text('path of the folder in the container; relative to / when it has no leading slash.', {
        min: 1,
        max: 1024,
      }),
      url: storageUrl('url of a folder in object storage.'),
      frequencySeconds: integer(
        'frequencySeconds is the pause between the end of one upload and the start of the next.',
        {
          min: 1,
          max: 31_536_000,
        },
      ),
      regex: fileFilter('regex picks files by their path, from its start; all when it is not set.').optional(),
      credential: urlCredential,
    }),
    { max: 64 },
  ).optional(),
  downloadType: oneOf('downloadType is how inputs get to the task.', ['Download']).optional(),
  cacheSize: text(
    "cacheSize for templates that use USER_CACHE: a size such as 10Gi, or a share of storage such as '90%'.",
    {
      max: 32,
      pattern: /^([0-9]{1,2}%|100%|[0-9]{1,16}(\.[0-9]{1,3})?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?)$/,
      what: "a size such as '10Gi' or a percentage such as '90%'",
    },
  ).optional(),
  kpis: list(
    'kpis are files of the output folder with key figures, which are kept in intermediate storage where they are there when the command has ended.',
    object('One file.', {
      index: text('index that the figures are stored under.', { min: 1, max: 256 }),
      path: text('path of the file below the output folder.', { min: 1, max: 1024 }),
    }),
    { max: 64 },
  ).optional(),
};

/** A task as a Workflow says it. */
export const taskTemplate = object('One task.', {
  name: osmoName(
    "name of the task; unique among the workflow's tasks and groups, where case and '-' or '_' make no difference.",
  ),
  lead: flag('lead says that this task decides about its group: the group ends when it ends.').default(false),
  ...fanOut('task'),
  resource: osmoName('resource names the entry of spec.resources that says what the task needs.').default('default'),
  ...taskBody,
});

export type TaskTemplate = z.output<typeof taskTemplate>;
export type TaskTemplateInput = z.input<typeof taskTemplate>;
export type TaskInput = z.output<typeof input>;
export type TaskOutput = z.output<typeof output>;
export type TaskCredential = z.output<typeof credential>;
export type TaskFile = NonNullable<TaskTemplate['files']>[number];
export type RetryPolicy = NonNullable<TaskTemplate['retryPolicy']>;
export type MatrixAxis = NonNullable<TaskTemplate['matrix']>[number];
export type ExitAction = NonNullable<TaskTemplate['exitActions']>[number];
