import { Names } from '@osmo/crds';
import type { Platform, Pool, ResourceAmounts, ResourceSpec, WorkflowSpec } from '@osmo/crds';
import type { WrittenTask } from '../graph/written-tasks.ts';

/** What several tasks of a workflow ask for alike; admission decides once for all of them. */
export interface Need {
  /** Name of the entry of spec.resources. */
  readonly resourceName: string;
  /** The entry; undefined when there is none, and the tasks rely on the defaults of the pool. */
  readonly resource: ResourceSpec | undefined;
  /** Where the entry is, `spec.resources[0]`; undefined when there is none. */
  readonly resourcePath: string | undefined;
  readonly privileged: boolean;
  readonly hostNetwork: boolean;
  readonly hostPaths: readonly string[];
  /** The first task that asks for it, to name in messages. */
  readonly path: string;
  /** How many ask for it, all instances counted. */
  readonly tasks: number;
}

/** The different needs of all tasks, in the order of the spec. */
export function needsOf(spec: WorkflowSpec, written: readonly WrittenTask[]): readonly Need[] {
  const entries = new Map((spec.resources ?? []).map((entry, index) => [entry.name, { entry, index }]));
  const needs = new Map<string, Need & { tasks: number }>();
  for (const { template, path, tasks } of written) {
    const { resource: resourceName = Names.defaultResource, privileged = false, hostNetwork = false } = template;
    const hostPaths = (template.volumeMounts ?? []).map((mount) => mount.hostPath);
    const key = JSON.stringify([resourceName, privileged, hostNetwork, hostPaths]);
    const known = needs.get(key);
    if (known !== undefined) {
      known.tasks += tasks;
      continue;
    }
    const found = entries.get(resourceName);
    const resourcePath = found && `spec.resources[${found.index}]`;
    const resource = found?.entry;
    needs.set(key, { resourceName, resource, resourcePath, privileged, hostNetwork, hostPaths, path, tasks });
  }
  return [...needs.values()];
}

/** One need for each entry of spec.resources: for what depends on nothing but what is asked for. */
export function needsByResource(needs: readonly Need[]): readonly Need[] {
  const byResource = new Map<string, Need>();
  for (const need of needs) {
    const known = byResource.get(need.resourceName);
    byResource.set(need.resourceName, known === undefined ? need : { ...known, tasks: known.tasks + need.tasks });
  }
  return [...byResource.values()];
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
