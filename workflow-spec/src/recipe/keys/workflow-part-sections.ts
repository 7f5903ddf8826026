import type { RecipeSection } from './key.ts';

/** `workflow.timeout` */
export const timeoutSection = {
  at: 'workflow.timeout',
  about: 'Time limits of each group, rounded up to whole seconds. The pool has defaults and maxima.',
  keys: {
    exec_timeout: {
      type: 'duration',
      nullable: true,
      default: 'of the pool',
      about: 'Longest that a group may run.',
      field: 'spec.timeouts.execSeconds',
    },
    queue_timeout: {
      type: 'duration',
      nullable: true,
      default: 'of the pool',
      about: 'Longest that a group may wait for nodes.',
      field: 'spec.timeouts.queueSeconds',
    },
  },
} satisfies RecipeSection;

/** `workflow.resources.<name>` */
export const resourceSection = {
  at: 'workflow.resources.<name>',
  about: 'What the tasks that name this entry need. What is left out, the platform or the pool says.',
  keys: {
    cpu: {
      type: 'count',
      nullable: true,
      default: 'of the pool',
      about: 'Number of CPUs.',
      field: 'spec.resources[].cpu',
    },
    gpu: {
      type: 'count',
      nullable: true,
      default: 'of the pool',
      about: 'Number of GPUs.',
      field: 'spec.resources[].gpu',
    },
    memory: {
      type: 'bytes',
      nullable: true,
      default: 'of the pool',
      about: 'Memory.',
      field: 'spec.resources[].memory',
      upstream: 'takes milli-bytes (`100m`), too; here they are refused, since they are always a slip',
    },
    storage: {
      type: 'bytes',
      nullable: true,
      default: 'of the pool',
      about: 'Ephemeral storage.',
      field: 'spec.resources[].storage',
      upstream: 'takes milli-bytes (`100m`), too; here they are refused, since they are always a slip',
    },
    platform: {
      type: 'text',
      nullable: true,
      default: 'of the pool',
      about: 'Platform of the pool to run on.',
      field: 'spec.resources[].platform',
    },
    nodesExcluded: {
      type: { list: 'text' },
      nullable: true,
      about: 'Nodes to keep away from.',
      field: 'spec.resources[].nodesExcluded',
    },
    topology: {
      type: { list: { section: 'topology' } },
      nullable: true,
      about: 'Which tasks must be close to each other.',
      field: 'spec.resources[].topology',
    },
  },
} satisfies RecipeSection;

/** `workflow.resources.<name>.topology[]` */
export const topologySection = {
  at: 'workflow.resources.<name>.topology[]',
  about: 'One requirement.',
  keys: {
    key: {
      type: 'text',
      required: true,
      about: 'One of the topology keys of the pool.',
      field: 'spec.resources[].topology[].key',
    },
    group: {
      type: 'text',
      default: 'default',
      about: 'Tasks of one such group share the place.',
      field: 'spec.resources[].topology[].group',
    },
    requirementType: {
      type: 'requirement',
      default: 'required',
      about: 'How strict it is.',
      field: 'spec.resources[].topology[].requirement',
    },
  },
} satisfies RecipeSection;

/** `workflow.groups[]` */
export const groupSection = {
  at: 'workflow.groups[]',
  about: 'One group. Of more than one task exactly one has `lead: true`.',
  keys: {
    name: {
      type: 'name',
      required: true,
      about: 'Name; unique among tasks and groups, where case and `-` or `_` make no difference.',
      field: 'spec.groups[].name',
    },
    barrier: {
      type: 'flag',
      default: 'true',
      about: 'Whether the tasks wait for each other before their commands start.',
      field: 'spec.groups[].barrier',
    },
    ignoreNonleadStatus: {
      type: 'flag',
      default: 'true',
      about: 'Whether the lead alone decides how the group ends.',
      field: 'spec.groups[].ignoreNonleadStatus',
    },
    tasks: {
      type: { list: { section: 'task' }, least: 1 },
      required: true,
      about: 'The tasks.',
      field: 'spec.groups[].tasks',
    },
  },
} satisfies RecipeSection;
