import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../report/row.ts';
import { median } from '../report/statistics.ts';
import type { ChildResult } from './child-result.ts';
import { child, type Place, type Taken, timed } from './children.ts';

/** Of which threads make use, at most. */
const mostProcessors = 4;
/** Files in memory, and how much is wanted there: the repository, and what is restored twice. */
const memoryFolder = '/dev/shm';
const memoryBytes = 2 * 1024 ** 3;
const rounds = 3;

type Both<T> = Record<'store' | 'restore', T>;
type Ours = Taken & { result: ChildResult };

/**
 * To a folder and back, held to one processor and to more of them, and restic held to one: what else is on this machine, a server
 * for instance, takes no part. Without taskset(1) there are no rows.
 */
export async function measureProcessors(place: Place, bytes: number): Promise<Row[]> {
  const most = Math.min(mostProcessors, availableParallelism());
  try {
    await timed([...heldTo(1), 'true'], {}, place.context);
  } catch (error) {
    place.context.say(`can't hold a process to a processor: ${(error as Error).message.split('\n', 1)[0]}`);
    return [];
  }
  const [restic, one] = [await resticOn(place), await oursOn(place, place.root, 1)];
  const rate = ({ seconds }: Taken): number => bytes / 1e6 / seconds;
  const alone = (['store', 'restore'] as const).flatMap((what): Row[] => {
    const name = `${what} in a folder, one processor`;
    return [
      {
        bench: 'repository',
        what: name,
        value: rate(one[what]),
        unit: 'MB/s',
        ...besideRestic(rate(one[what]), restic && rate(restic[what]), 'MB/s', { of: 'ratio', atLeast: 1 }),
      },
      {
        bench: 'repository',
        what: `${name}, CPU`,
        value: one[what].cpuSeconds,
        unit: 's',
        ...besideRestic(one[what].cpuSeconds, restic?.[what].cpuSeconds, 's', { of: 'ratio', atMost: 1 }),
      },
    ];
  });
  return most === 1 ? alone : [...alone, ...(await scaled(place, bytes, most))];
}

/**
 * What more processors bring: in memory, where no disk is the limit, and without the start of the process, which only one of them has
 * a part in. No rows where there isn't as much memory for files.
 */
async function scaled(place: Place, bytes: number, processors: number): Promise<Row[]> {
  const { bavail, bsize } = await statfs(memoryFolder).catch(() => ({ bavail: 0, bsize: 0 }));
  if (bavail * bsize < memoryBytes) return [];
  const pairs: { one: Both<Ours>; more: Both<Ours> }[] = [];
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(memoryFolder, 'osmo-bench-repository-'));
    place.context.cleanup.defer(() => rm(folder, { recursive: true, force: true }));
    pairs.push({ one: await oursOn(place, folder, 1), more: await oursOn(place, folder, processors) });
    await rm(folder, { recursive: true });
  }
  return (['store', 'restore'] as const).map((what): Row => {
    const rate = ({ [what]: { result } }: Both<Ours>): number => bytes / 1e6 / (result.seconds ?? NaN);
    return {
      bench: 'repository',
      what: `${what} in memory, ${processors} processors`,
      value: median(pairs.map(({ more }) => rate(more))),
      unit: 'MB/s',
      beside: { what: 'one processor', value: median(pairs.map(({ one }) => rate(one))), unit: 'MB/s' },
      ratio: median(pairs.map(({ one, more }) => rate(more) / rate(one))),
    };
  });
}

/** What restic took of it; nothing where there is none. */
function besideRestic(
  own: number,
  other: number | undefined,
  unit: string,
  target: NonNullable<Row['target']>,
): Pick<Row, 'beside' | 'ratio' | 'target'> {
  if (other === undefined) return {};
  return { beside: { what: 'restic, one processor', value: other, unit }, ratio: own / other, target };
}

/** The first so many processors of the machine. */
const heldTo = (processors: number): string[] => ['taskset', '-c', `0-${processors - 1}`];

async function oursOn(place: Place, root: string, processors: number): Promise<Both<Ours>> {
  const [folder, target] = [join(root, `held-${processors}`), join(root, `from-held-${processors}`)];
  const held = { ...place, before: heldTo(processors) };
  const store = await child(held, {}, 'commit', `file://${folder}`, join(place.root, 'in'));
  const restore = await child(held, {}, 'restore', `file://${folder}`, target, store.result.manifest ?? '');
  await rm(folder, { recursive: true });
  return { store, restore };
}

/** Undefined where there is no restic. */
async function resticOn(place: Place): Promise<Both<Taken> | undefined> {
  const { root, context } = place;
  const environment = {
    RESTIC_REPOSITORY: join(root, 'held-restic'),
    RESTIC_PASSWORD: 'bench',
    RESTIC_CACHE_DIR: join(root, 'held-restic-cache'),
  };
  const restic = (...words: string[]): Promise<Taken> =>
    timed([...heldTo(1), 'restic', '--quiet', ...words], environment, context);
  try {
    await restic('init');
  } catch {
    return undefined;
  }
  const store = await restic('backup', join(root, 'in'));
  const restore = await restic('restore', 'latest', '--target', join(root, 'from-held-restic'));
  await rm(environment.RESTIC_REPOSITORY, { recursive: true });
  return { store, restore };
}
