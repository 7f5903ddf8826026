export { expansionLimits } from './expand-problems.ts';
export { fanOutEnv, fanOutToken, positionOf, sameInstance } from './fan-out.ts';
export { compileGraph, type Compilation } from './graph.ts';
export type { FanOut, Graph, GraphEntry, GraphGroup, GraphJoin, GraphLane, GraphTask } from './graph-shape.ts';
export { groupOfFlatTask, groupServiceName, hostOfTask, labelValue, normalisedName, taskObjectName } from './naming.ts';
export { listed, problem, problemsMessage, type Problem } from './problem.ts';
export { replaceTokens, type TokenContext } from './tokens.ts';
