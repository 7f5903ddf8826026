import type { GraphTask } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

/**
 * What the API can say and this version can't do. It is refused, never ignored: a training that silently ran without its
 * data is worse than one that didn't run.
 */
export function unsupportedProblems(tasks: readonly GraphTask[]): Problem[] {
  const problems: Problem[] = [];
  for (const { template, path } of tasks) {
    if ((template.kpis ?? []).length === 0) continue;
    const detail = 'key figures are not supported yet; leave them out';
    problems.push(problem('Unsupported', `${path}.kpis`, template.kpis, detail));
  }
  return problems;
}
