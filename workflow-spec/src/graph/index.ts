export { fanOutEnv, sameInstance } from './fan-out.ts';
export { compileGraph, type Compilation } from './graph.ts';
export type { FanOut, Graph, GraphEntry, GraphGroup, GraphJoin, GraphLane, GraphTask } from './graph-shape.ts';
export { groupServiceName, labelValue, normalisedName, taskObjectName } from './naming.ts';
export { problemsMessage, type Problem } from './problem.ts';
export { restartedBy, restartProblems } from './restart-problems.ts';
export { newSuggestionBudget } from './suggestion.ts';
export { replaceTokens } from './tokens.ts';
export { writtenGroups, type WrittenGroup, type WrittenTask } from './written-tasks.ts';
