import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RateLimit } from '@osmo/storage';
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

/** Options of what reads and writes object stores that others use too. */
export const rateOptions: readonly OptionSpec[] = [
  {
    flags: '--rate-limit <bytes>',
    description: 'most bytes a second, on average: 20M is 20 million, 20Mi is 20 · 2^20',
  },
  { flags: '--request-limit <number>', description: 'most requests a second, on average', type: 'integer', minimum: 1 },
];

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** What `--rate-limit` and `--request-limit` say; nothing when neither is given. @throws Failure */
export function rateLimitOf(input: Input): { rateLimit?: RateLimit } {
  const given = input.text('rate-limit');
  const requestsPerSecond = input.integer('request-limit');
  if (given === undefined) return requestsPerSecond === undefined ? {} : { rateLimit: { requestsPerSecond } };
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kMG]|[KMG]i)?$/.exec(given) ?? [];
  const bytesPerSecond = Number(number) * (units[unit] ?? 1);
  if (!(bytesPerSecond > 0)) {
    throw usageFailure(`--rate-limit ${given}: must be a number of bytes above 0, such as 500k, 20M or 20Mi`);
  }
  return { rateLimit: { bytesPerSecond, requestsPerSecond } };
}

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
