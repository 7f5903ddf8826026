import type { GroupTemplate, MatrixAxis, TaskTemplate } from '@osmo/crds';
import { fanOutEnv } from './fan-out.ts';
import type { FanOut, GraphTask } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

/** Bounds of what a spec may stand for. */
export const expansionLimits = {
  perEntry: 10_000,
  perGroup: 1024,
  perWorkflow: 20_000,
  /** Length of a name. */
  name: 63,
  /** Variables of a Task. */
  env: 512,
  /** Of all instances together: what a spec of a megabyte stands for must fit into the store. */
  bytes: 256 * 2 ** 20,
} as const;

type FanOutFields = Pick<TaskTemplate, 'count' | 'matrix' | 'maxParallel'>;

/** What `count` or `matrix` makes; undefined without either. The size of a matrix may be beyond the limits. */
export function fanOutOf({ count, matrix }: FanOutFields): FanOut | undefined {
  if (matrix !== undefined) return { size: matrix.reduce((size, axis) => size * axis.values.length, 1), axes: matrix };
  return count === undefined ? undefined : { size: count, axes: [] };
}

/** What is wrong with the fan-out of one task or group by itself. */
export function fanOutProblems(fields: FanOutFields, path: string): Problem[] {
  const { count, matrix, maxParallel } = fields;
  const problems: Problem[] = [];
  if (count !== undefined && matrix !== undefined) {
    problems.push(problem('InvalidSpec', `${path}.count`, count, 'not allowed beside matrix; set one of the two'));
  }
  if (maxParallel !== undefined && count === undefined && matrix === undefined) {
    const detail = 'allowed only beside count or matrix; spec.maxParallel limits the whole workflow';
    problems.push(problem('InvalidSpec', `${path}.maxParallel`, maxParallel, detail));
  }
  problems.push(...axisProblems(matrix ?? [], `${path}.matrix`));
  const size = fanOutOf(fields)?.size ?? 1;
  if (size > expansionLimits.perEntry) {
    const detail = `the values make more than ${expansionLimits.perEntry} combinations; split it into several tasks, or take axes or values away`;
    problems.push(problem('InvalidSpec', `${path}.matrix`, size, detail));
  }
  return problems;
}

function axisProblems(matrix: readonly MatrixAxis[], path: string): Problem[] {
  const taken = new Set<string>();
  return matrix.flatMap(({ name }, index) => {
    // They become names of environment variables, in upper case.
    const key = name.toUpperCase();
    const detail = 'another axis has this name; names must differ by more than case';
    if (taken.has(key)) return [problem('InvalidSpec', `${path}[${index}].name`, name, detail)];
    taken.add(key);
    return [];
  });
}

/** What is wrong with the instances of a task within a group. */
export function innerProblems(
  group: Pick<GroupTemplate, 'name' | 'count' | 'matrix'>,
  task: TaskTemplate,
  path: string,
): Problem[] {
  const problems = fanOutProblems(task, path);
  if (task.maxParallel !== undefined && (task.count ?? task.matrix) !== undefined) {
    const detail = 'the instances of a task in a group start together; set maxParallel on the group';
    problems.push(problem('InvalidSpec', `${path}.maxParallel`, task.maxParallel, detail));
  }
  const outer = new Set((group.matrix ?? []).map(({ name }) => name.toUpperCase()));
  for (const [index, { name }] of (task.matrix ?? []).entries()) {
    if (!outer.has(name.toUpperCase())) continue;
    const detail = 'the matrix of the group has an axis of this name; names must differ by more than case';
    problems.push(problem('InvalidSpec', `${path}.matrix[${index}].name`, name, detail));
  }
  return problems;
}

/** Instances get variables of their own beside the author's. */
export function envProblems(tasks: readonly GraphTask[]): Problem[] {
  return tasks.flatMap((task) => {
    const { length } = task.template.env ?? [];
    const own = fanOutEnv(task, task.template.env).length;
    if (own === 0 || length + own <= expansionLimits.env) return [];
    const detail = `its instances get ${own} more; at most ${expansionLimits.env - own} are allowed`;
    return [problem('InvalidSpec', `${task.path}.env`, length, detail)];
  });
}

/** Names of instances become host names, which can't be cut without becoming the same. */
export function nameLengthProblem(
  name: string,
  fanOuts: readonly (FanOut | undefined)[],
  path: string,
): Problem | undefined {
  const suffix = fanOuts.map((each) => (each === undefined ? 0 : String(each.size - 1).length + 1));
  const room = expansionLimits.name - suffix.reduce((sum, length) => sum + length, 0);
  if (room >= name.length || room === expansionLimits.name) return undefined;
  const detail = `too long for the numbers of its instances; at most ${room} characters are allowed`;
  return problem('InvalidSpec', `${path}.name`, name, detail);
}
