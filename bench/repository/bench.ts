import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startS3Server } from '../../hack/testing/s3-server.ts';
import type { Bench } from '../bench.ts';
import type { Row } from '../report/row.ts';
import { median } from '../report/statistics.ts';
import type { ChildResult } from './child-result.ts';
import { bundled, child, type Place, type Taken, timed, urlOf } from './children.ts';
import { edit, fill } from './files.ts';
import { measureProcessors } from './processors.ts';

const MiB = 1024 * 1024;
const listedFiles = 1_000_000;
/**
 * Of us and restic, by turns: what slows the machine down for a while slows both. What was restored stays until the end: ext4 looks
 * longer for a free place to make files where many were deleted a moment ago.
 */
const roundsOfPeers = 5;
/** Versions in a repository, beside restic and a plain copy of the same files to the same S3 server. */
export const repositoryBench: Bench = {
  name: 'repository',
  about: 'storing and restoring a folder on a local S3 server, beside restic and a copy file by file',
  async run(context) {
    const root = await mkdtemp(join(tmpdir(), 'osmo-bench-repository-'));
    context.cleanup.defer(() => rm(root, { recursive: true, force: true }));
    const server = await startS3Server();
    context.cleanup.defer(() => server.stop());
    for (const bucket of ['ours', 'restic', 'plain', 'listed']) server.makeBucket(bucket);
    const place = { server, root, program: await bundled(context.root), context };
    const bytes = await fill(join(root, 'in'));
    const plain = await measurePlain(place);
    const rounds: Round[] = [];
    for (let number = 0; number < roundsOfPeers; number++) {
      rounds.push({ restic: await measureRestic(place, number), ours: await measureOurs(place, number) });
    }
    const scaling = await measureProcessors(place, bytes);
    const second = await measureSecond(place, rounds[0]?.ours.ingest.result.manifest ?? '');
    return [...rowsOf({ bytes, rounds, plain, second, list: await measureList(place) }), ...scaling];
  },
};

interface Measured {
  ingest: Taken;
  restore: Taken;
}

interface Ours extends Measured {
  ingest: Taken & { result: ChildResult };
  restore: Taken & { result: ChildResult };
}

interface Round {
  ours: Ours;
  restic: Measured | undefined;
}

async function measurePlain(place: Place): Promise<Measured> {
  const url = urlOf(place, 'plain');
  const ingest = await child(place, {}, 'copy', url, join(place.root, 'in'));
  return { ingest, restore: await child(place, {}, 'fetch', url, join(place.root, 'plain')) };
}

async function measureOurs(place: Place, round: number): Promise<Ours> {
  const url = urlOf(place, 'ours', round);
  const ingest = await child(place, {}, 'commit', url, join(place.root, 'in'));
  const target = join(place.root, `ours-${round}`);
  const restore = await child(place, {}, 'restore', url, target, ingest.result.manifest ?? '');
  return { ingest, restore };
}

/** One percent changed, over the version of the first round. */
async function measureSecond(place: Place, base: string): Promise<Taken & { result: ChildResult }> {
  const folder = join(place.root, 'in');
  await edit(folder);
  return child(place, {}, 'commit', urlOf(place, 'ours', 0), folder, base);
}

async function measureRestic(place: Place, round: number): Promise<Measured | undefined> {
  const { server, root, context } = place;
  const environment = {
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: server.region,
    RESTIC_REPOSITORY: `s3:${server.endpoint}/restic/r${round}`,
    RESTIC_PASSWORD: 'bench',
    RESTIC_CACHE_DIR: join(root, 'restic-cache'),
  };
  const restic = (...words: string[]): Promise<Taken> => timed(['restic', '--quiet', ...words], environment, context);
  try {
    await restic('init');
  } catch (error) {
    context.say(`restic can't be run (apt-get install restic): ${(error as Error).message.split('\n', 1)[0]}`);
    return undefined;
  }
  const ingest = await restic('backup', join(root, 'in'));
  const target = join(root, `restic-${round}`);
  const restore = await restic('restore', 'latest', '--target', target);
  return { ingest, restore };
}

async function measureList(place: Place): Promise<ChildResult> {
  const url = urlOf(place, 'listed');
  place.context.say(`making a version of ${listedFiles.toLocaleString('en-US')} files`);
  const filled = await child(place, {}, 'fill', url, String(listedFiles));
  place.context.say('listing it');
  return (await child(place, {}, 'list', url, filled.result.manifest ?? '')).result;
}

interface All {
  bytes: number;
  rounds: readonly Round[];
  plain: Measured;
  second: Taken & { result: ChildResult };
  list: ChildResult;
}

const rateOf = (bytes: number, { seconds }: Taken): number => bytes / 1e6 / seconds;

function rowsOf({ bytes, rounds, plain, second, list }: All): Row[] {
  const bench = 'repository';
  const peaks = [second, ...rounds.flatMap(({ ours }) => [ours.ingest, ours.restore])].map(
    ({ result }) => result.peakBytes ?? 0,
  );
  const beside = (what: string, unit: string, pick: (measured: Measured) => number, target: Row['target']): Row[] => {
    const value = median(rounds.map(({ ours }) => pick(ours)));
    const pairs = rounds.flatMap(({ ours, restic }) =>
      restic === undefined ? [] : [[pick(ours), pick(restic)] as const],
    );
    const peer = pairs.length === 0 ? undefined : median(pairs.map(([, other]) => other));
    const ratio = pairs.length === 0 ? undefined : median(pairs.map(([own, other]) => own / other));
    return [
      {
        bench,
        what,
        value,
        unit,
        ...(peer !== undefined && { beside: { what: 'restic', value: peer, unit }, ratio, target }),
        ...(peer === undefined && { note: 'restic is not here: apt-get install restic' }),
      } as Row,
      {
        bench,
        what,
        value,
        unit,
        beside: { what: 'a copy file by file', value: pick(plain), unit },
        ratio: value / pick(plain),
      },
    ];
  };
  return [
    ...beside('store', 'MB/s', ({ ingest }) => rateOf(bytes, ingest), { of: 'ratio', atLeast: 1 }),
    ...beside('store, CPU', 's', ({ ingest }) => ingest.cpuSeconds, { of: 'ratio', atMost: 1 }),
    ...beside('restore', 'MB/s', ({ restore }) => rateOf(bytes, restore), { of: 'ratio', atLeast: 1 }),
    ...beside('restore, CPU', 's', ({ restore }) => restore.cpuSeconds, { of: 'ratio', atMost: 1 }),
    {
      bench,
      what: 'stored for a second version, 1 % changed',
      value: (100 * (second.result.storedBytes ?? NaN)) / bytes,
      unit: '%',
      target: { of: 'value', atMost: 3 },
    },
    { bench, what: 'store a second version', value: rateOf(bytes, second), unit: 'MB/s' },
    {
      bench,
      what: `list a version of ${(list.files ?? 0).toLocaleString('en-US')} files`,
      ...(list.seconds !== undefined && { value: list.seconds }),
      unit: 's',
      target: { of: 'value', atMost: 2 },
    },
    {
      bench,
      what: 'most memory of storing and restoring',
      value: Math.max(...peaks) / MiB,
      unit: 'MiB',
      target: { of: 'value', atMost: 500 },
    },
  ];
}
