import type { WorkflowSpec } from '@osmo/crds';
import { compileGraph } from '../graph/graph.ts';
import type { Problem } from '../graph/problem.ts';
import { writtenGroups } from '../graph/written-tasks.ts';
import { fileProblems, placementProblems } from './files.ts';
import { imageProblems } from './images.ts';

/** What contradicts itself in a spec, wherever and by whomever it is submitted. */
export function problemsByItself(spec: WorkflowSpec): Problem[] {
  const tasks = writtenGroups(spec).flatMap((group) => group.tasks);
  return [
    ...(compileGraph(spec).problems ?? []),
    ...tasks.flatMap((task) => [...imageProblems(task), ...fileProblems(task), ...placementProblems(task)]),
  ];
}
