import { Names, type WorkflowSpec } from '@osmo/crds';

/** A group as the spec declares it, with what it depends on. */
export interface DeclaredGroup {
  name: string;
  ignoreNonleadStatus: boolean;
  tasks: readonly { name: string; lead: boolean }[];
  /** Names of the groups whose tasks it takes as inputs. */
  upstream: readonly string[];
  /** Names of the groups that take its tasks as inputs. */
  downstream: readonly string[];
}

/** The groups of a spec in its order; a task outside of any is a group of its own. Inputs that name no task are left out. */
export function declaredGroups(spec: WorkflowSpec): DeclaredGroup[] {
  const declared = [
    ...(spec.tasks ?? []).map((task) => ({
      name: `${task.name}${Names.singleGroupSuffix}`,
      ignoreNonleadStatus: true,
      tasks: [task],
    })),
    ...(spec.groups ?? []),
  ];
  const groupOf = new Map(declared.flatMap((group) => group.tasks.map((task) => [task.name, group.name] as const)));
  const upstream = new Map<string, Set<string>>();
  const downstream = new Map<string, Set<string>>();
  for (const group of declared) {
    for (const input of group.tasks.flatMap((task) => task.inputs ?? [])) {
      if (input.task === undefined || input.task.workflow !== undefined) continue;
      const from = groupOf.get(input.task.name);
      if (from === undefined || from === group.name) continue;
      add(upstream, group.name, from);
      add(downstream, from, group.name);
    }
  }
  return declared.map(({ name, ignoreNonleadStatus, tasks }) => ({
    name,
    ignoreNonleadStatus,
    tasks: tasks.map((task) => ({ name: task.name, lead: task.lead || tasks.length === 1 })),
    upstream: [...(upstream.get(name) ?? [])],
    downstream: [...(downstream.get(name) ?? [])],
  }));
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([value]));
  else known.add(value);
}
