import type { TaskInput } from '@osmo/crds';
import { type Graph, type GraphTask, sameInstance } from '@osmo/workflow-spec/graph';

/** An input of the `Same` index is one task by name. One of all instances stays one item, however many they are. */
export function sameInstanceInputs(task: GraphTask, inputs: readonly TaskInput[], graph: Graph): TaskInput[] {
  return inputs.map((input) => {
    if (input.task?.instances !== 'Same') return input;
    const { instances: _, ...rest } = input.task;
    const entry = graph.entryByName.get(rest.name);
    const from = entry && graph.tasks[entry.tasks[sameInstance(task, entry) ?? -1] ?? -1];
    return from === undefined ? input : { task: { ...rest, name: from.name } };
  });
}
