export { ExitStatus } from './exit-status.ts';
export { version } from './version.ts';
