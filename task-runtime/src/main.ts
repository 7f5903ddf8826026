import { barrier } from './barrier/barrier.ts';
import { barrierUsage, parseBarrierSettings } from './barrier/settings.ts';
import { realWorld } from './barrier/world.ts';
import { collectUsage, parseCollectSettings } from './collect/settings.ts';
import { ExitStatus } from './exit-status.ts';
import { MountPaths } from './plan/index.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

const usage = `Usage: task-runtime COMMAND

  download     get the inputs of the plan in ${MountPaths.plan}
  runtime      upload its checkpoints, and its outputs when told to end
  listening    end when that program beside this one listens
  ${barrierUsage}
      wait until every task of the group is here
  ${collectUsage}
      delete what no version of a bucket of datasets needs any more
  --version
`;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main([command = '', ...argv]: readonly string[], signal: AbortSignal): Promise<number> {
  switch (command) {
    case 'barrier':
      await barrier(parseBarrierSettings(argv), realWorld(say), signal);
      return ExitStatus.done;
    case 'download':
    case 'runtime':
      return moveData(command, signal);
    case 'collect': {
      const settings = parseCollectSettings(argv);
      const { collect } = await import('./collect/collect.ts');
      await collect(settings, { fetch, now: () => new Date(), environment: process.env, say }, signal);
      return ExitStatus.done;
    }
    case 'listening':
      return (await listens()) ? ExitStatus.done : ExitStatus.barrier;
    case '--version':
      process.stdout.write(`${version}\n`);
      return ExitStatus.done;
    default:
      throw new UsageError(`${JSON.stringify(command)}: must be a command`);
  }
}

async function moveData(command: 'download' | 'runtime', signal: AbortSignal): Promise<number> {
  const [{ runDownload, runRuntime }, { podFiles }] = await Promise.all([
    import('./data/run.ts'),
    import('./data/pod-files.ts'),
  ]);
  const program = { say, environment: process.env, files: podFiles };
  return command === 'download' ? runDownload(program, signal) : runRuntime(program, signal);
}

/** Waits for the program beside this one; little is loaded, since the end of every task waits for it. */
async function listens(): Promise<boolean> {
  const { readySocket, untilListening } = await import('./data/ending-server.ts');
  return untilListening(readySocket);
}

function statusOf(error: unknown, signal: AbortSignal): number {
  if (signal.aborted) return ExitStatus.stopped;
  say(error instanceof Error ? error.message : String(error));
  if (!(error instanceof UsageError)) return ExitStatus.barrier;
  process.stderr.write(`\n${usage}`);
  return ExitStatus.usage;
}

// As the first process of a container it would otherwise ignore them.
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
const status = await main(process.argv.slice(2), stop.signal).catch((error: unknown) => statusOf(error, stop.signal));
// A look-up that nobody waits for any more may still be under way.
process.exit(status);
