import type { Workflow, WorkflowInput } from '@osmo/crds';
import { PyDict } from '../python/dict.ts';
import { escapeTemplate } from '../template/escape.ts';
import { dumpYaml } from '../yaml/emitter.ts';
import { recipeBytes, recipeDuration } from './amounts.ts';
import { dict, present } from './write-dict.ts';
import { writeRemarks } from './write-remarks.ts';
import { writeTask } from './write-task.ts';

type Spec = WorkflowInput['spec'];
type Resource = NonNullable<Spec['resources']>[number];

/**
 * The recipe of a Workflow: `readRecipe` gives the same Workflow again, but for `source` and for what a recipe has no words
 * for: parts of CPUs, which are rounded up, and what comments at the end of the recipe say.
 *
 * @param name name in the recipe; the Workflow's own when it is not set
 */
export function writeRecipe(
  { metadata, spec }: Pick<Workflow | WorkflowInput, 'metadata' | 'spec'>,
  name = metadata.name,
): string {
  const input: Spec = spec;
  const timeouts = input.timeouts ?? {};
  const workflow = dict({
    name,
    labels: input.labels && dict(input.labels),
    pool: input.pool,
    timeout: present({
      exec_timeout: timeouts.execSeconds === undefined ? undefined : recipeDuration(timeouts.execSeconds),
      queue_timeout: timeouts.queueSeconds === undefined ? undefined : recipeDuration(timeouts.queueSeconds),
    }),
    resources:
      input.resources && new PyDict(input.resources.map((resource) => [resource.name, writeResource(resource)])),
    tasks: input.tasks?.map(writeTask),
    groups: input.groups?.map((group) =>
      dict({
        name: group.name,
        barrier: group.barrier === false ? false : undefined,
        ignoreNonleadStatus: group.ignoreNonleadStatus === false ? false : undefined,
        tasks: group.tasks.map(writeTask),
      }),
    ),
  });
  return escapeTemplate(`${dumpYaml(dict({ workflow }))}${writeRemarks(spec)}`);
}

function writeResource(resource: Resource): PyDict {
  return dict({
    cpu: resource.cpu === undefined ? undefined : wholeCpus(resource.cpu),
    gpu: resource.gpu === undefined ? undefined : BigInt(resource.gpu),
    memory: resource.memory === undefined ? undefined : recipeBytes(resource.memory),
    storage: resource.storage === undefined ? undefined : recipeBytes(resource.storage),
    platform: resource.platform,
    nodesExcluded: resource.nodesExcluded,
    topology: resource.topology?.map(({ key, group, requirement }) =>
      dict({
        key,
        group: group === 'default' ? undefined : group,
        requirementType: requirement === 'Preferred' ? 'preferred' : undefined,
      }),
    ),
  });
}

/** A recipe has whole CPUs only: a part of one becomes one. */
function wholeCpus(cpu: string | number): bigint {
  const text = String(cpu);
  const amount = text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text);
  return BigInt(Math.ceil(amount));
}
