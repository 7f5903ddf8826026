import type { RecipeSection } from './key.ts';

/** `workflow.tasks[]` and `workflow.groups[].tasks[]` */
export const taskSection = {
  at: 'workflow.tasks[]',
  about: 'One task; those of `workflow.groups[].tasks[]` have the same keys.',
  keys: {
    name: {
      type: 'name',
      required: true,
      about: 'Name; unique among tasks and groups, where case and `-` or `_` make no difference.',
      field: 'spec.tasks[].name',
    },
    image: { type: 'text', required: true, about: 'Image that the task runs in.', field: 'spec.tasks[].image' },
    command: {
      type: { list: 'text', least: 1 },
      required: true,
      about: 'Command, in place of the entry point of the image.',
      field: 'spec.tasks[].command',
    },
    args: {
      type: { list: 'text' },
      nullable: true,
      about: 'Arguments. `$(NAME)` stands for the environment variable NAME.',
      field: 'spec.tasks[].args',
    },
    lead: {
      type: 'flag',
      nullable: true,
      default: 'false',
      about: 'This task decides about its group.',
      field: 'spec.tasks[].lead',
    },
    environment: {
      type: { map: 'printed' },
      nullable: true,
      about: 'Environment variables. `--set-env` wins over them.',
      field: 'spec.tasks[].env',
    },
    files: {
      type: { list: { section: 'file' } },
      nullable: true,
      about: 'Files that are placed in the container before the command starts.',
      field: 'spec.tasks[].files',
    },
    inputs: {
      type: { list: { oneOf: [{ section: 'taskInput' }, { section: 'urlInput' }, { section: 'datasetInput' }] } },
      nullable: true,
      about: 'What the task needs; number i is found in `/osmo/data/input/i`.',
      field: 'spec.tasks[].inputs',
    },
    outputs: {
      type: {
        list: { oneOf: [{ section: 'urlOutput' }, { section: 'datasetOutput' }, { section: 'datasetUpdateOutput' }] },
      },
      nullable: true,
      about: 'Where `/osmo/data/output` goes after the command ended.',
      field: 'spec.tasks[].outputs',
    },
    credentials: {
      type: { map: { oneOf: ['folder', { map: 'text', least: 1 }] } },
      nullable: true,
      about:
        'Credentials by their names: a folder for files of their keys, or variables with the key of each. The Secret is called so in lower case with `-` for `_`.',
      field: 'spec.tasks[].credentials',
    },
    resource: {
      type: 'text',
      nullable: true,
      default: 'default',
      about: 'Entry of `workflow.resources` that says what the task needs.',
      field: 'spec.tasks[].resource',
    },
    resources: { type: 'anything', nullable: true, about: 'Ignored, with a warning: `resource` names an entry.' },
    volumeMounts: {
      type: { list: 'mount' },
      nullable: true,
      about: 'Folders of the node, which the platform must allow.',
      field: 'spec.tasks[].volumeMounts',
    },
    privileged: {
      type: 'flag',
      nullable: true,
      default: 'false',
      about: 'All rights on the node, which the platform must allow.',
      field: 'spec.tasks[].privileged',
    },
    hostNetwork: {
      type: 'flag',
      nullable: true,
      default: 'false',
      about: 'The network of the node, which the platform must allow.',
      field: 'spec.tasks[].hostNetwork',
    },
    exitActions: {
      type: { map: 'exitCodes', keys: ['COMPLETE', 'FAIL', 'RESCHEDULE'] },
      nullable: true,
      about: 'What exit codes lead to. Without an action, 0 completes and anything else fails.',
      field: 'spec.tasks[].exitActions',
    },
    checkpoint: {
      type: { list: { section: 'checkpoint' } },
      nullable: true,
      about: 'Folders that are uploaded again and again while the command runs.',
      field: 'spec.tasks[].checkpoints',
    },
    downloadType: {
      type: 'download',
      nullable: true,
      about: 'How inputs get to the task: there is one way.',
      field: 'spec.tasks[].downloadType',
    },
    cacheSize: {
      type: 'bytesOrShare',
      nullable: true,
      about: 'Size of a cache, for pod templates that use `USER_CACHE`.',
      field: 'spec.tasks[].cacheSize',
    },
    kpis: {
      type: { list: { section: 'kpi' } },
      nullable: true,
      about: 'Files of the output folder with key figures.',
      field: 'spec.tasks[].kpis',
    },
    backend: { type: 'text', nullable: true, about: 'Ignored, with a warning: the pool decides.' },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].files[]` */
export const fileSection = {
  at: 'workflow.tasks[].files[]',
  about: 'One file.',
  keys: {
    path: {
      type: 'text',
      required: true,
      about: 'Absolute path in the container, not below `/osmo` but for `/osmo/data/output`.',
      field: 'spec.tasks[].files[].path',
    },
    contents: {
      type: 'text',
      about: 'What the file holds.',
      field: 'spec.tasks[].files[].contents',
    },
    base64: {
      type: 'flag',
      default: 'false',
      about: '`contents` is base64, for binary files.',
      field: 'spec.tasks[].files[].base64',
    },
    localpath: {
      type: 'text',
      about: 'File on your machine, beside the recipe, that the osmo command reads.',
      field: 'spec.tasks[].files[].contents',
      upstream:
        'renders such files as templates; here they are taken as they are, and special tokens in them get their values',
    },
  },
  oneOf: ['contents', 'localpath'],
} satisfies RecipeSection;

/** `workflow.tasks[].checkpoint[]` */
export const checkpointSection = {
  at: 'workflow.tasks[].checkpoint[]',
  about: 'One folder.',
  keys: {
    path: {
      type: 'text',
      required: true,
      about: 'Folder in the container; below `/` without a leading slash.',
      field: 'spec.tasks[].checkpoints[].path',
    },
    url: {
      type: 'url',
      required: true,
      about: 'Folder in object storage.',
      field: 'spec.tasks[].checkpoints[].url',
    },
    frequency: {
      type: 'duration',
      required: true,
      about: 'Pause between the end of one upload and the start of the next.',
      field: 'spec.tasks[].checkpoints[].frequencySeconds',
    },
    regex: {
      type: 'text',
      about: 'Only these files: a regular expression of Python.',
      field: 'spec.tasks[].checkpoints[].regex',
    },
  },
} satisfies RecipeSection;

/** `workflow.tasks[].kpis[]` */
export const kpiSection = {
  at: 'workflow.tasks[].kpis[]',
  about: 'One file.',
  keys: {
    index: {
      type: 'text',
      required: true,
      about: 'Where the figures are stored.',
      field: 'spec.tasks[].kpis[].index',
    },
    path: {
      type: 'text',
      required: true,
      about: 'File below the output folder.',
      field: 'spec.tasks[].kpis[].path',
    },
  },
} satisfies RecipeSection;
