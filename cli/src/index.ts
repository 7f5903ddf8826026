export type { Host, Terminal } from './host.ts';
export { run } from './run.ts';
