import { Names } from '@osmo/crds';
import type { Platform, Pool, ResourceAmounts, ResourceSpec, WorkflowSpec } from '@osmo/crds';
import type { Graph, GraphTask } from '../graph/graph-shape.ts';

/** What several tasks of a workflow ask for alike; admission decides once for all of them. */
export interface Need {
  /** Entry of spec.resources; undefined when the tasks rely on the defaults of the pool. */
  readonly resource: ResourceSpec | undefined;
  readonly privileged: boolean;
  readonly hostNetwork: boolean;
  readonly hostPaths: readonly string[];
  /** The first task that asks for it, to name in messages. */
  readonly task: GraphTask;
  readonly tasks: number;
}

/** The different needs of all tasks, in the order of the spec. */
export function needsOf(spec: WorkflowSpec, graph: Graph): readonly Need[] {
  const resources = new Map((spec.resources ?? []).map((resource) => [resource.name, resource]));
  const needs = new Map<string, Need>();
  for (const task of graph.tasks) {
    // The instances of an entry ask for the same.
    if (task.instance > 0) continue;
    const size = task.entry?.size ?? 1;
    const { resource = Names.defaultResource, privileged = false, hostNetwork = false, volumeMounts } = task.template;
    const hostPaths = (volumeMounts ?? []).map((mount) => mount.hostPath);
    const key = JSON.stringify([resource, privileged, hostNetwork, hostPaths]);
    const known = needs.get(key);
    if (known !== undefined) needs.set(key, { ...known, tasks: known.tasks + size });
    else needs.set(key, { resource: resources.get(resource), privileged, hostNetwork, hostPaths, task, tasks: size });
  }
  return [...needs.values()];
}

/** What a task gets: what the workflow says, else the platform's default, else the pool's. */
export function resolveAmounts(
  resource: ResourceSpec | undefined,
  platform: Platform | undefined,
  pool: Pool,
): ResourceAmounts {
  const sources: readonly (ResourceAmounts | undefined)[] = [
    resource,
    platform?.spec.defaultResources,
    pool.spec.defaultResources,
  ];
  const first = <K extends keyof ResourceAmounts>(key: K): ResourceAmounts[K] =>
    sources.find((source) => source?.[key] !== undefined)?.[key];
  const amounts = { cpu: first('cpu'), memory: first('memory'), storage: first('storage'), gpu: first('gpu') };
  return Object.fromEntries(Object.entries(amounts).filter(([, value]) => value !== undefined));
}

/** The platform that a task runs on; undefined when neither its resource nor the pool names one. */
export function platformNameOf(resource: ResourceSpec | undefined, pool: Pool): string | undefined {
  return resource?.platform ?? pool.spec.defaultPlatform;
}
