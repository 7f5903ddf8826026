import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bundle } from '../../hack/install/bundle.ts';
import { nodeEnvironment, nodeFlags } from '../../hack/install/node-settings.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { Row } from '../report/row.ts';
import { median } from '../report/statistics.ts';

const bench = 'runtime-start';
const rounds = 20;

/** Names of what is started, and its arguments; each ends by itself as soon as it has started. */
interface Start {
  what: string;
  args: readonly string[];
  /** How it ends. */
  code: number;
}

/** What the task runtime adds to the start of a pod, as its image has it: bundled, with its flags. */
export const runtimeStartBench: Bench = {
  name: bench,
  about: 'start of the task runtime until it has done what needs nothing of others, beside Node alone',
  run: async (context) => {
    const { directory } = await bundle(context.root, 'task-runtime');
    const main = join(directory, 'main.js');
    const lead = ['--group=g', '--epoch=0.0', '--name=a', '--lead-host=localhost', '--size=1', '--lead'];
    // What it is told isn't there, so it ends behind the loading of all that moves data.
    const nothing = ['--gateway=http://127.0.0.1:1', '--bucket=none', '--token-file=/nonexistent'];
    const starts: readonly Start[] = [
      { what: 'a barrier of one is passed', args: [main, 'barrier', ...lead], code: 0 },
      { what: 'drivers and repository are loaded', args: [main, 'collect', ...nothing], code: 24 },
    ];
    const rows: Row[] = [];
    // oxlint-disable-next-line no-await-in-loop
    for (const start of starts) rows.push(await compare(context, start));
    return rows;
  },
};

async function compare({ say, signal }: BenchContext, { what, args, code }: Start): Promise<Row> {
  say(`${what}: ${rounds} rounds`);
  const ours: number[] = [];
  const node: number[] = [];
  for (let round = -1; round < rounds; round++) {
    signal.throwIfAborted();
    // oxlint-disable no-await-in-loop
    const bare = await ended(['-e', '0'], 0);
    const own = await ended(args, code);
    // oxlint-enable no-await-in-loop
    // The first pair warms up.
    if (round < 0) continue;
    node.push(bare);
    ours.push(own);
  }
  return {
    bench,
    what,
    value: median(ours),
    unit: 'ms',
    beside: { what: 'Node alone', value: median(node), unit: 'ms' },
    ratio: median(ours.map((each, round) => each / (node[round] ?? NaN))),
    target: { of: 'value', atMost: 300 },
  };
}

/** Milliseconds from the start of a process to its end. @throws Error when it ends otherwise than it should */
async function ended(args: readonly string[], code: number): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [...nodeFlags, ...args], {
    env: { ...process.env, ...nodeEnvironment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== code) throw new Error(`node ${args.join(' ')} ended with ${status}, not ${code}: ${said}`);
  return performance.now() - started;
}
