import { Paths } from '@osmo/crds';
import type { Pool, TaskData, TaskSpec } from '@osmo/crds';
import type { Graph, GraphTask } from '@osmo/workflow-spec/graph';

/** Names of the tasks whose output is an input of another one, as inputs name them: of tasks with instances, also the one name of all. */
export function consumedTasks(graph: Graph): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { instance, template } of graph.tasks) {
    // Instances name the same inputs.
    if (instance > 0) continue;
    for (const { task } of template.inputs ?? []) {
      if (task !== undefined && task.workflow === undefined) names.add(task.name);
    }
  }
  return names;
}

/**
 * What of the output folder of a task goes to intermediate storage. All of it where another task takes it, or it declares no
 * outputs (upstream's rule) and its pool doesn't limit that to tasks that mention the folder; else its key figures, if it has
 * any: a folder that goes elsewhere isn't stored twice for them.
 */
export function keptOutput(
  task: GraphTask,
  body: Pick<TaskSpec, 'outputs' | 'command' | 'args' | 'env' | 'files' | 'kpis'>,
  consumed: ReadonlySet<string>,
  pool: Pool,
): Pick<TaskData, 'keep' | 'keepPaths'> {
  if (consumed.has(task.name) || consumed.has(task.template.name)) return { keep: true };
  if ((body.outputs ?? []).length === 0 && (pool.spec.keepOutputs !== 'Mentioned' || mentionsOutput(body))) {
    return { keep: true };
  }
  const figures = [...new Set((body.kpis ?? []).map(({ path }) => path))];
  return figures.length > 0 ? { keep: true, keepPaths: figures } : { keep: false };
}

function mentionsOutput({ command, args, env, files }: Pick<TaskSpec, 'command' | 'args' | 'env' | 'files'>): boolean {
  const texts = [
    ...command,
    ...(args ?? []),
    ...(env ?? []).map(({ value }) => value),
    ...(files ?? []).flatMap(({ path, contents }) => [path, contents]),
  ];
  return texts.some((text) => text.includes(Paths.output));
}
