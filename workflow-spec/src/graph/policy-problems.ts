import type { GraphTask } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

/** Highest code that a task can end with: those from 256 on stand for what the cluster did. */
const highestCode = 4000;

/** Exit actions and retries that contradict themselves, which a schema can't see. */
export function policyProblems(tasks: readonly GraphTask[]): Problem[] {
  return tasks.flatMap((task) => [...exitCodeProblems(task), ...backoffProblems(task)]);
}

function exitCodeProblems({ template, path }: GraphTask): Problem[] {
  return (template.exitActions ?? []).flatMap(({ exitCodes }, index) => {
    const detail = exitCodes
      .split(',')
      .map(rangeDetail)
      .find((text) => text !== undefined);
    return detail === undefined
      ? []
      : [problem('InvalidSpec', `${path}.exitActions[${index}].exitCodes`, exitCodes, detail)];
  });
}

function rangeDetail(range: string): string | undefined {
  const [from = 0, to = from] = range.split('-').map(Number);
  if (from > to) return `the range ${range} ends before it begins; write ${to}-${from}`;
  if (from > highestCode) return `no task ends with ${from}; allowed: 0 to ${highestCode}`;
  return undefined;
}

function backoffProblems({ template, path }: GraphTask): Problem[] {
  const { backoffSeconds, maxBackoffSeconds } = template.retryPolicy ?? {};
  if (backoffSeconds === undefined || maxBackoffSeconds === undefined || backoffSeconds <= maxBackoffSeconds) return [];
  const detail = `not allowed above maxBackoffSeconds, which is ${maxBackoffSeconds}`;
  return [problem('InvalidSpec', `${path}.retryPolicy.backoffSeconds`, backoffSeconds, detail)];
}
