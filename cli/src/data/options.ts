import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageFailure } from '../failure.ts';
import { absolute } from './sources.ts';
import type { Session } from '../session.ts';
import type { Input, OptionSpec } from '../verb.ts';

/** Options of what moves many files. */
export const transferOptions: readonly OptionSpec[] = [
  {
    flags: '-p, --processes <number>',
    description: "multiplies --threads; upstream's, all runs in one process here",
    type: 'integer',
    minimum: 1,
    default: 1,
  },
  { flags: '-T, --threads <number>', description: 'files at once', type: 'integer', minimum: 1, default: 20 },
  { flags: '-b, --benchmark-out <folder>', description: 'folder for a file of JSON with what was moved, and how fast' },
];

export const regexOption: OptionSpec = {
  flags: '-x, --regex <expression>',
  description: 'only files whose path matches, from its start (regular expression as in Python)',
};

/** Most files at once, whatever is asked for: each needs memory. */
const mostAtOnce = 256;

/** Files at once. */
export const concurrencyOf = (input: Input): number =>
  Math.min(mostAtOnce, (input.integer('threads') ?? 20) * (input.integer('processes') ?? 1));

/** Checks the expression of `--regex`. @throws Failure */
export async function filterOf(input: Input): Promise<(path: string) => boolean> {
  const { pathFilter } = await import('@osmo/storage/transfer');
  try {
    return pathFilter(input.text('regex'));
  } catch (error) {
    throw error instanceof RangeError ? usageFailure(`--regex: ${error.message}`) : error;
  }
}

/** Writes what a transfer came to where `--benchmark-out` says. */
export function keepBenchmark(
  session: Session,
  input: Input,
  name: string,
  result: { files: number; bytes: number; seconds: number },
): void {
  const given = input.text('benchmark-out');
  if (given === undefined) return;
  const folder = absolute(session.host.cwd, given);
  const { files, bytes, seconds } = result;
  const end = session.host.now();
  const start = new Date(end.getTime() - seconds * 1000);
  const text = JSON.stringify({ name, files, bytes, seconds, start: start.toISOString(), end: end.toISOString() });
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}-${end.getTime()}.json`), `${text}\n`);
  } catch (error) {
    throw usageFailure(`--benchmark-out ${given}: ${(error as Error).message}`);
  }
}
