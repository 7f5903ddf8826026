import type { RecipeKey, RecipeSection } from './key.ts';

const regex = { type: 'text', about: 'Only these files: a regular expression of Python.' } satisfies RecipeKey;
const metadata = { type: { list: 'text' }, nullable: true, about: 'Files of metadata.' } satisfies RecipeKey;
const labels = { type: { list: 'text' }, nullable: true, about: 'Files of labels.' } satisfies RecipeKey;

/** `workflow.tasks[].inputs[]` with `task` */
export const taskInputSection = {
  at: 'workflow.tasks[].inputs[] of a task',
  about: 'What another task left in its output folder.',
  keys: {
    task: {
      type: 'text',
      required: true,
      about: '`TASK` of this workflow, which then runs before; or `WORKFLOW:TASK` of one that has ended.',
      field: 'spec.tasks[].inputs[].task.name',
    },
    regex: { ...regex, field: 'spec.tasks[].inputs[].task.regex' },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].inputs[]` with `url` */
export const urlInputSection = {
  at: 'workflow.tasks[].inputs[] of a URL',
  about: 'A folder in object storage.',
  keys: {
    url: { type: 'url', required: true, about: 'The folder.', field: 'spec.tasks[].inputs[].url.url' },
    regex: { ...regex, field: 'spec.tasks[].inputs[].url.regex' },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].inputs[]` with `dataset` */
export const datasetInputSection = {
  at: 'workflow.tasks[].inputs[] of a dataset',
  about: 'A dataset.',
  keys: {
    dataset: {
      type: { section: 'inputDataset' },
      required: true,
      about: 'The dataset.',
      field: 'spec.tasks[].inputs[].dataset',
    },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].inputs[].dataset` */
export const inputDatasetSection = {
  at: 'workflow.tasks[].inputs[].dataset',
  about: 'A dataset that a task needs.',
  keys: {
    name: {
      type: 'text',
      required: true,
      about: 'Name, with a bucket or a version as in `bucket/name:version`.',
      field: 'spec.tasks[].inputs[].dataset.name',
    },
    path: { type: 'text', about: 'Folder of the dataset.', field: 'spec.tasks[].inputs[].dataset.path' },
    regex: { ...regex, field: 'spec.tasks[].inputs[].dataset.regex' },
    localpath: {
      type: 'text',
      about: 'Folder on the machine of the user.',
      field: 'spec.tasks[].inputs[].dataset.localPath',
    },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].outputs[]` with `url` */
export const urlOutputSection = {
  at: 'workflow.tasks[].outputs[] to a URL',
  about: 'A folder in object storage.',
  keys: {
    url: { type: 'url', required: true, about: 'The folder.', field: 'spec.tasks[].outputs[].url.url' },
    regex: { ...regex, field: 'spec.tasks[].outputs[].url.regex' },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].outputs[]` with `dataset` */
export const datasetOutputSection = {
  at: 'workflow.tasks[].outputs[] to a dataset',
  about: 'A new version of a dataset.',
  keys: {
    dataset: {
      type: { section: 'outputDataset' },
      required: true,
      about: 'The dataset.',
      field: 'spec.tasks[].outputs[].dataset',
    },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].outputs[].dataset` */
export const outputDatasetSection = {
  at: 'workflow.tasks[].outputs[].dataset',
  about: 'A dataset that a task makes.',
  keys: {
    name: { type: 'text', required: true, about: 'Name.', field: 'spec.tasks[].outputs[].dataset.name' },
    path: { type: 'text', about: 'Folder of the output.', field: 'spec.tasks[].outputs[].dataset.path' },
    regex: { ...regex, field: 'spec.tasks[].outputs[].dataset.regex' },
    metadata: { ...metadata, field: 'spec.tasks[].outputs[].dataset.metadata' },
    labels: { ...labels, field: 'spec.tasks[].outputs[].dataset.labels' },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].outputs[]` with `update_dataset` */
export const datasetUpdateOutputSection = {
  at: 'workflow.tasks[].outputs[] that updates a dataset',
  about: 'More files for a dataset.',
  keys: {
    update_dataset: {
      type: { section: 'updatedDataset' },
      required: true,
      about: 'The dataset.',
      field: 'spec.tasks[].outputs[].updateDataset',
    },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].outputs[].update_dataset` */
export const updatedDatasetSection = {
  at: 'workflow.tasks[].outputs[].update_dataset',
  about: 'A dataset that a task adds to.',
  keys: {
    name: { type: 'text', required: true, about: 'Name.', field: 'spec.tasks[].outputs[].updateDataset.name' },
    paths: {
      type: { list: 'text' },
      nullable: true,
      about: 'Folders of the output.',
      field: 'spec.tasks[].outputs[].updateDataset.paths',
    },
    metadata: { ...metadata, field: 'spec.tasks[].outputs[].updateDataset.metadata' },
    labels: { ...labels, field: 'spec.tasks[].outputs[].updateDataset.labels' },
  },
} satisfies RecipeSection;
