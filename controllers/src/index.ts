export { type ControllersDependencies, runControllers } from './controllers.ts';
export { type Options, parseOptions } from './options.ts';
export { permissions } from './permissions.ts';
export { version } from './version.ts';
export { compileGraph, type Compilation } from '@osmo/workflow-spec/graph';
export type { Graph, GraphGroup, GraphTask } from '@osmo/workflow-spec/graph';
export { type Problem, problemsMessage } from '@osmo/workflow-spec/graph';
