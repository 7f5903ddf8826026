export { type Options, parseOptions } from './options.ts';
export { type OperatorDependencies, runOperator } from './operator.ts';
export { clusterPermissions, hubPermissions } from './permissions.ts';
export { version } from './version.ts';
