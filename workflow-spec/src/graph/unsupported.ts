import type { WorkflowSpec } from '@osmo/crds';
import type { GraphTask } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

/**
 * What the API can say and this version can't do. It is refused, never ignored: a training that silently ran without its
 * data is worse than one that didn't run.
 */
export function unsupportedProblems(spec: WorkflowSpec, tasks: readonly GraphTask[]): Problem[] {
  const problems = (spec.resources ?? []).flatMap((resource, index) =>
    (resource.topology ?? []).length === 0
      ? []
      : [
          problem(
            'Unsupported',
            `spec.resources[${index}].topology`,
            resource.topology,
            'topology constraints are not supported yet; leave it out',
          ),
        ],
  );
  for (const task of tasks) problems.push(...inputProblems(task), ...otherProblems(task));
  return problems;
}

function inputProblems(task: GraphTask): Problem[] {
  return (task.template.inputs ?? []).flatMap((input, index) => {
    const path = `${task.path}.inputs[${index}]`;
    if (input.task === undefined) {
      return [problem('Unsupported', path, input, 'only inputs of the form {task: {name}} are supported yet')];
    }
    const found: Problem[] = [];
    if (input.task.workflow !== undefined) {
      const detail = 'inputs from another workflow are not supported yet; name a task of this workflow';
      found.push(problem('Unsupported', `${path}.task.workflow`, input.task.workflow, detail));
    }
    if (input.task.regex !== undefined && input.task.regex !== '') {
      const detail = 'filters on inputs are not supported yet; leave it out';
      found.push(problem('Unsupported', `${path}.task.regex`, input.task.regex, detail));
    }
    return found;
  });
}

function otherProblems(task: GraphTask): Problem[] {
  const { outputs, checkpoints, kpis } = task.template;
  return Object.entries({ outputs, checkpoints, kpis })
    .filter(([, value]) => value !== undefined && value.length > 0)
    .map(([field, value]) =>
      problem('Unsupported', `${task.path}.${field}`, value, `${field} are not supported yet; leave them out`),
    );
}
