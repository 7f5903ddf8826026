export { type ControllersDependencies, runControllers } from './controllers.ts';
export { type Options, parseOptions } from './options.ts';
export { type Permission, permissions } from './permissions.ts';
export { version } from './version.ts';
export { compileGraph, type Compilation } from './workflow/graph.ts';
export type { Graph, GraphGroup, GraphTask } from './workflow/graph-shape.ts';
export { type Problem, problemsMessage } from './workflow/problem.ts';
