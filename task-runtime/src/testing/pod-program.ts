/** The commands of the program that move data, for a pod whose folders are all below one: `COMMAND ROOT TERMINATION_LOG`. */
import { runDownload, runRuntime } from '../data/run.ts';
import { filesBelow } from './pod.ts';

const [command, root = '', terminationLog = ''] = process.argv.slice(2);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const program = {
  say: (line: string) => void process.stderr.write(`${line}\n`),
  environment: {},
  files: { ...filesBelow(root), terminationLog },
};
process.exit(await (command === 'download' ? runDownload : runRuntime)(program, stop.signal));
