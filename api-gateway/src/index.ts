export { type GatewayDependencies, runGateway } from './gateway.ts';
export { type Options, parseOptions } from './options.ts';
export { permissions } from './permissions.ts';
export { version } from './version.ts';
