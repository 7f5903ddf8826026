import { readDatasetReference, type WorkflowSpecInput } from '@osmo/crds';

type Task = NonNullable<WorkflowSpecInput['tasks']>[number];

/**
 * The spec with a bucket for every dataset that names none.
 *
 * @param bucket of the namespace of the workflow; undefined: the spec as it is, so that the default of its namespace counts
 */
export function inBucket(spec: WorkflowSpecInput, bucket: string | undefined): WorkflowSpecInput {
  if (bucket === undefined) return spec;
  const named = <T extends { name: string }>(dataset: T): T => {
    const reference = readDatasetReference(dataset.name);
    // What is no name is refused by who checks the spec, as it was written.
    if (reference === undefined || reference.bucket !== undefined) return dataset;
    return { ...dataset, name: `${bucket}/${dataset.name}` };
  };
  const task = (one: Task): Task => ({
    ...one,
    ...(one.inputs !== undefined && {
      inputs: one.inputs.map((input) => (input.dataset ? { ...input, dataset: named(input.dataset) } : input)),
    }),
    ...(one.outputs !== undefined && {
      outputs: one.outputs.map((output) => ({
        ...output,
        ...(output.dataset && { dataset: named(output.dataset) }),
        ...(output.updateDataset && { updateDataset: named(output.updateDataset) }),
      })),
    }),
  });
  return {
    ...spec,
    ...(spec.tasks !== undefined && { tasks: spec.tasks.map(task) }),
    ...(spec.groups !== undefined && {
      groups: spec.groups.map((group) => ({ ...group, tasks: group.tasks.map(task) })),
    }),
  };
}
