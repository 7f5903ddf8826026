// Client
export * from './client/types.ts';
export * from './client/resource.ts';
export * from './client/errors.ts';
export * from './client/access.ts';
export * from './client/client.ts';
export * from './client/kubeconfig.ts';
export * from './client/paging.ts';
export * from './client/quantity.ts';
export * from './client/selectors.ts';
export * from './client/kinds/meta.ts';
export * from './client/kinds/pod.ts';
export * from './client/kinds/core.ts';
export * from './client/kinds/cluster.ts';
// Cache
export * from './cache/types.ts';
export { newInformer } from './cache/informer.ts';
export { compareVersions, isAtLeast } from './cache/versions.ts';
// Runtime
export * from './runtime/clock.ts';
export * from './runtime/logger.ts';
export * from './runtime/plan.ts';
