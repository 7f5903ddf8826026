import type { Problem } from '../graph/problem.ts';
import type { FieldProblem } from './types.ts';

/** Most problems of an answer. */
export const mostProblems = 100;
const longestValue = 256;

/**
 * Each problem once, in the order in which a reader of the object comes to the fields, at most `mostProblems`. When there
 * are more, the last one says how many.
 */
export function answerOf(problems: readonly Problem[]): FieldProblem[] {
  const once = new Map(problems.map((each) => [`${each.path}\n${each.value}\n${each.detail}`, each]));
  const keyed = [...once.values()].map((each) => ({ each, key: sortKey(each.path) }));
  // Stable: what is said of one field keeps its order.
  const sorted = keyed
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ each }) => fieldProblem(each));
  if (sorted.length <= mostProblems) return sorted;
  const more = sorted.length - mostProblems + 1;
  return [...sorted.slice(0, mostProblems - 1), { path: 'spec', message: `${more} more problems are not listed here` }];
}

function fieldProblem({ path, given, detail }: Problem): FieldProblem {
  if (given === undefined) return { path, message: detail };
  const value = typeof given === 'string' && given.length > longestValue ? `${given.slice(0, longestValue)}…` : given;
  return { path, value, message: detail };
}

/** Numbers as wide as any index, so that `[10]` comes after `[9]`. */
const sortKey = (path: string): string => path.replaceAll(/\d+/g, (digits) => digits.padStart(8, '0'));
