import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../report/row.ts';
import { child, type Place, type Taken, timed } from './children.ts';

/** Of which threads make use, at most. */
const mostProcessors = 4;

interface Held {
  store: Taken;
  restore: Taken;
}

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
  const [restic, one] = [await resticOn(place), await oursOn(place, 1)];
  const more = most === 1 ? undefined : await oursOn(place, most);
  const rate = ({ seconds }: Taken): number => bytes / 1e6 / seconds;
  return (['store', 'restore'] as const).flatMap((what): Row[] => {
    const row = { bench: 'repository', unit: 'MB/s' };
    const alone = `${what} in a folder, one processor`;
    const rows: Row[] = [
      {
        ...row,
        what: alone,
        value: rate(one[what]),
        ...besideRestic(rate(one[what]), restic && rate(restic[what]), 'MB/s', { of: 'ratio', atLeast: 1 }),
      },
      {
        ...row,
        unit: 's',
        what: `${alone}, CPU`,
        value: one[what].cpuSeconds,
        ...besideRestic(one[what].cpuSeconds, restic?.[what].cpuSeconds, 's', { of: 'ratio', atMost: 1 }),
      },
    ];
    if (more === undefined) return rows;
    const beside = { what: 'one processor', value: rate(one[what]), unit: 'MB/s' };
    const together = `${what} in a folder, ${most} processors`;
    return [
      ...rows,
      { ...row, what: together, value: rate(more[what]), beside, ratio: rate(more[what]) / rate(one[what]) },
    ];
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

async function oursOn(place: Place, processors: number): Promise<Held> {
  const [folder, target] = [join(place.root, `held-${processors}`), join(place.root, `from-held-${processors}`)];
  const held = { ...place, before: heldTo(processors) };
  const store = await child(held, {}, 'commit', `file://${folder}`, join(place.root, 'in'));
  const restore = await child(held, {}, 'restore', `file://${folder}`, target, store.result.manifest ?? '');
  await rm(folder, { recursive: true });
  return { store, restore };
}

/** Undefined where there is no restic. */
async function resticOn(place: Place): Promise<Held | undefined> {
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
