import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigMap } from '@osmo/kube';
import type { Bench, BenchContext } from '../bench.ts';
import { load } from '../client/load.ts';
import { type Apiserver, openApiserver } from '../lab/apiserver.ts';
import type { Row } from '../report/row.ts';
import { median, medianRatio } from '../report/statistics.ts';
import { formatNumber } from '../report/table.ts';
import { type Measured, type Reading, sample } from './shape.ts';

const objects = 50_000;
const rounds = 3;
const readings: readonly Reading[] = ['bare', 'list', 'watch-list'];

/** Memory and time that an informer takes for 50,000 objects, beside fetching and parsing the same pages. */
export const cacheBench: Bench = {
  name: 'cache',
  about: `an informer of ${objects.toLocaleString('en-US')} ConfigMaps, beside fetching and parsing the same pages`,
  async run(context) {
    const server = await openApiserver(context, 'osmo-bench-cache');
    await fill(server, context);
    const measured: Record<Reading, Measured[]> = { bare: [], list: [], 'watch-list': [] };
    for (let round = 1; round <= rounds; round++) {
      // Each comes first, in the middle and last once: a machine that slows down slows all of them.
      for (const reading of [...readings.slice(round % 3), ...readings.slice(0, round % 3)]) {
        context.say(`round ${round} of ${rounds}: ${reading}`);
        measured[reading].push(await readInChild(server, reading, context));
      }
    }
    return rowsOf(measured);
  },
};

async function fill({ client, namespace }: Apiserver, { say, signal }: BenchContext): Promise<void> {
  const batch = objects / 10;
  for (let made = 0; made < objects; made += batch) {
    say(`objects made: ${made} of ${objects}`);
    const create = (_: number, number: number): Promise<unknown> =>
      client.create(ConfigMap, sample(namespace, made + number), { signal });
    await load({ calls: batch }, 64, async (lane, number) => void (await create(lane, number)), signal);
  }
}

async function readInChild(
  { kubeconfig, namespace }: Apiserver,
  reading: Reading,
  context: BenchContext,
): Promise<Measured> {
  const child = join(context.root, 'bench/cache/child.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', child, kubeconfig, namespace, reading],
    { cwd: context.root, timeout: 180_000, signal: context.signal },
  );
  const measured = JSON.parse(stdout) as Measured;
  if (measured.objects !== objects) throw new Error(`${reading}: ${measured.objects} objects, want ${objects}`);
  return measured;
}

function rowsOf(measured: Record<Reading, Measured[]>): Row[] {
  const middle = (reading: Reading, pick: (one: Measured) => number): number => median(measured[reading].map(pick));
  const compared = (
    reading: Reading,
    [what, unit, besideWhat]: readonly [string, string, string],
    pick: (one: Measured) => number,
    pickBare: (one: Measured) => number = pick,
  ): Row => {
    const beside = { what: besideWhat, value: middle('bare', pickBare), unit };
    const ratio = medianRatio(measured[reading].map(pick), measured.bare.map(pickBare));
    return { bench: 'cache', what: `${reading}: ${what}`, value: middle(reading, pick), unit, beside, ratio };
  };
  const bareCpu = formatNumber(middle('bare', (one) => one.cpuSeconds));
  return (['list', 'watch-list'] as const).flatMap((reading): Row[] => [
    {
      ...compared(reading, ['time to synced', 's', 'fetch pages, parse, keep'], (one) => one.seconds),
      // A streamed list is more work for the server: an event per object instead of a page per 500.
      ...(reading === 'list' && { target: { of: 'ratio', atMost: 1.25 } }),
    },
    {
      ...compared(
        reading,
        ['CPU until synced', 's', 'JSON.parse alone'],
        (one) => one.cpuSeconds,
        (one) => one.parseSeconds ?? 0,
      ),
      note: `fetching the pages over TLS, parsing and keeping them takes ${bareCpu} s of CPU`,
    },
    {
      ...compared(reading, ['heap', 'B/object', 'the parsed objects'], (one) => one.heapBytes / objects),
      target: { of: 'ratio', atMost: 1 },
    },
    compared(reading, ['resident memory', 'B/object', 'the parsed objects'], (one) => one.rssBytes / objects),
  ]);
}
