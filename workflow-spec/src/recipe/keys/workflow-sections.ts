import type { RecipeSection } from './key.ts';

/** The file itself. */
export const recipeSection = {
  at: '',
  about: 'The top of the file. Keys stand at the start of a line, each once.',
  keys: {
    version: {
      type: 'version',
      default: '2',
      about: 'Version of the format. There is no other one.',
    },
    workflow: {
      type: { section: 'workflow' },
      required: true,
      about: 'The workflow: the only part that is a template.',
      field: 'spec',
    },
    'default-values': {
      type: { map: 'anything' },
      nullable: true,
      about: 'Variables of the template, in plain YAML. `--set` and `--set-string` win over them.',
    },
  },
} satisfies RecipeSection;

/** `workflow` */
export const workflowSection = {
  at: 'workflow',
  about: 'The workflow.',
  keys: {
    name: {
      type: 'name',
      required: true,
      about: 'Name. The Workflow is called `<name>-<n>`, in lower case and with `-` for `_`.',
      field: 'metadata.name',
    },
    labels: {
      type: { map: 'quotedText', most: 16 },
      nullable: true,
      about: 'Labels of Kubernetes for the pods. `--label` adds to them and wins.',
      field: 'spec.labels',
    },
    pool: {
      type: 'text',
      nullable: true,
      default: 'default',
      about: 'Pool to run in. `--pool` wins; a namespace may name another default.',
      field: 'spec.pool',
      upstream: 'takes the pool of the request or of the profile, never the one of the recipe',
    },
    backend: {
      type: 'text',
      nullable: true,
      about: 'Ignored, with a warning: the pool decides.',
    },
    timeout: {
      type: { section: 'timeout' },
      nullable: true,
      about: 'Time limits of each group.',
      field: 'spec.timeouts',
    },
    resources: {
      type: { map: { oneOf: [{ section: 'resource' }, 'nothing'] } },
      nullable: true,
      about: 'What tasks need, by names. Tasks use the entry `default` unless they name another.',
      field: 'spec.resources',
    },
    tasks: {
      type: { list: { section: 'task' } },
      nullable: true,
      about: 'Tasks that are a group each.',
      field: 'spec.tasks',
    },
    groups: {
      type: { list: { section: 'group' } },
      nullable: true,
      about: 'Groups of tasks that start together.',
      field: 'spec.groups',
      upstream: 'lets a group take inputs only from groups above it; here the order makes no difference',
    },
  },
  oneOf: ['tasks', 'groups'],
} satisfies RecipeSection;
