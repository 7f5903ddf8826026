import { execFile } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type S3Server, startS3Server } from '../../hack/testing/s3-server.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { Row } from '../report/row.ts';
import type { ChildResult } from './child-result.ts';

const MiB = 1024 * 1024;
const listedFiles = 1_000_000;
/** Large files of what can't be compressed, of what can, and small ones. */
const shape = { dense: 3, sparse: 2, largeBytes: 64 * MiB, small: 4000, smallBytes: 8 * 1024 };

/** What a command took, with the processes that it started. */
interface Taken {
  seconds: number;
  cpuSeconds: number;
  output: string;
}

interface Place {
  server: S3Server;
  root: string;
  context: BenchContext;
}

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
    const place = { server, root, context };
    const bytes = await fill(join(root, 'in'));
    const plain = await measurePlain(place);
    const restic = await measureRestic(place);
    const ours = await measureOurs(place);
    return rowsOf(bytes, ours, restic, plain, await measureList(place));
  },
};

interface Measured {
  ingest: Taken;
  restore: Taken;
}

interface Versioned extends Measured {
  second: Taken;
  /** What the second version has stored. */
  storedBytes: number;
}

async function measurePlain(place: Place): Promise<Measured> {
  const url = urlOf(place, 'plain');
  const ingest = await child(place, 'copy', url, join(place.root, 'in'));
  return { ingest, restore: await child(place, 'fetch', url, join(place.root, 'plain')) };
}

async function measureOurs(place: Place): Promise<Versioned & { peakBytes: number; list?: number }> {
  const url = urlOf(place, 'ours');
  const folder = join(place.root, 'in');
  const ingest = await child(place, 'commit', url, folder);
  const restore = await child(place, 'restore', url, join(place.root, 'ours'), ingest.result.manifest ?? '');
  await edit(folder);
  const second = await child(place, 'commit', url, folder, ingest.result.manifest ?? '');
  const peakBytes = Math.max(...[ingest, restore, second].map(({ result }) => result.peakBytes ?? 0));
  return { ingest, restore, second, storedBytes: second.result.storedBytes ?? 0, peakBytes };
}

async function measureRestic(place: Place): Promise<Measured | undefined> {
  const { server, root, context } = place;
  const environment = {
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: server.region,
    RESTIC_REPOSITORY: `s3:${server.endpoint}/restic/r`,
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
  return { ingest, restore: await restic('restore', 'latest', '--target', join(root, 'restic')) };
}

async function measureList(place: Place): Promise<ChildResult> {
  const url = urlOf(place, 'listed');
  place.context.say(`making a version of ${listedFiles.toLocaleString('en-US')} files`);
  const filled = await child(place, 'fill', url, String(listedFiles));
  place.context.say('listing it');
  return (await child(place, 'list', url, filled.result.manifest ?? '')).result;
}

const urlOf = ({ server }: Place, bucket: string): string =>
  `s3://${bucket}/x?endpoint=${server.endpoint}&region=${server.region}`;

async function child(place: Place, ...words: string[]): Promise<Taken & { result: ChildResult }> {
  const { server, context } = place;
  context.say(words[0] ?? '');
  const environment = {
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
  };
  const program = join(context.root, 'bench/repository/child.ts');
  const taken = await timed([process.execPath, program, ...words], environment, context);
  return { ...taken, result: JSON.parse(taken.output.split('\n', 1)[0] ?? '') as ChildResult };
}

/** Runs a command by a shell, which knows what its children took. */
async function timed(command: string[], environment: NodeJS.ProcessEnv, context: BenchContext): Promise<Taken> {
  const started = performance.now();
  const { stdout } = await promisify(execFile)('bash', ['-c', '"$@" && times', 'bash', ...command], {
    cwd: context.root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...environment },
    signal: context.signal,
    maxBuffer: 64 * MiB,
  });
  const seconds = (performance.now() - started) / 1000;
  const times = stdout.trimEnd().split('\n').at(-1) ?? '';
  const cpuSeconds = [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
  return { seconds, cpuSeconds, output: stdout };
}

/** Makes the same files in every run. @returns bytes */
async function fill(folder: string): Promise<number> {
  await mkdir(join(folder, 'small'), { recursive: true });
  const chance = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  for (let number = 0; number < shape.dense; number++) {
    await writeFile(join(folder, `dense-${number}`), chance.update(Buffer.alloc(shape.largeBytes)));
  }
  for (let number = 0; number < shape.sparse; number++) {
    const lines: string[] = [];
    for (let size = 0; size < shape.largeBytes;) {
      const line = `{"time":${lines.length},"joint":"${chance.update(Buffer.alloc(6)).toString('hex')}","ok":true}\n`;
      lines.push(line);
      size += line.length;
    }
    await writeFile(join(folder, `lines-${number}`), lines.join(''));
  }
  for (let number = 0; number < shape.small; number++) {
    await writeFile(join(folder, `small/${number}`), chance.update(Buffer.alloc(shape.smallBytes)));
  }
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  if (!existsSync(folder) || files.length === 0) throw new Error(`${folder}: nothing was made`);
  return (shape.dense + shape.sparse) * shape.largeBytes + shape.small * shape.smallBytes;
}

/** Changes one percent: a place in each large file, by inserting and overwriting, and every hundredth small one. */
async function edit(folder: string): Promise<void> {
  const chance = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  const changed = Math.floor(shape.largeBytes / 100);
  for (let number = 0; number < shape.dense; number++) {
    const file = await open(join(folder, `dense-${number}`), 'r+');
    await file.write(chance.update(Buffer.alloc(changed)), 0, changed, 10 * MiB * (number + 1));
    await file.close();
  }
  for (let number = 0; number < shape.sparse; number++) {
    await appendFile(join(folder, `lines-${number}`), chance.update(Buffer.alloc(changed)));
  }
  for (let number = 0; number < shape.small; number += 100) {
    await writeFile(join(folder, `small/${number}`), chance.update(Buffer.alloc(shape.smallBytes)));
  }
}

function rowsOf(
  bytes: number,
  ours: Versioned & { peakBytes: number },
  restic: Measured | undefined,
  plain: Measured,
  list: ChildResult,
): Row[] {
  const bench = 'repository';
  const rate = ({ seconds }: Taken): number => bytes / 1e6 / seconds;
  const beside = (what: string, unit: string, pick: (measured: Measured) => number, target: Row['target']): Row[] => {
    const value = pick(ours);
    const peer = restic && pick(restic);
    return [
      {
        bench,
        what,
        value,
        unit,
        ...(peer !== undefined && { beside: { what: 'restic', value: peer, unit }, ratio: value / peer, target }),
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
    ...beside('store', 'MB/s', ({ ingest }) => rate(ingest), { of: 'ratio', atLeast: 1 }),
    ...beside('store, CPU', 's', ({ ingest }) => ingest.cpuSeconds, { of: 'ratio', atMost: 1 }),
    ...beside('restore', 'MB/s', ({ restore }) => rate(restore), { of: 'ratio', atLeast: 1 }),
    ...beside('restore, CPU', 's', ({ restore }) => restore.cpuSeconds, { of: 'ratio', atMost: 1 }),
    {
      bench,
      what: 'stored for a second version, 1 % changed',
      value: (100 * ours.storedBytes) / bytes,
      unit: '%',
      target: { of: 'value', atMost: 3 },
    },
    { bench, what: 'store a second version', value: rate(ours.second), unit: 'MB/s' },
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
      value: ours.peakBytes / MiB,
      unit: 'MiB',
      target: { of: 'value', atMost: 500 },
    },
  ];
}
