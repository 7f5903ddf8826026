/**
 * What no bench and no test has the time and the disk for: very many small files, and one very large one, to a local S3 server and
 * back, as versions and as objects. Says how long each took and how much memory; exits with 1 when something comes back different or
 * a process needs more memory than it may.
 *
 *     node bench/soak/main.ts [--files 100000] [--gib 20]
 */
import { execFile } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { startS3Server } from '../../hack/testing/s3-server.ts';
import { bundled, child, type Place, urlOf } from '../repository/children.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const mostMemory = 512 * MiB;
/** Of the large file: so much in so much isn't empty. */
const dense = { bytes: 4 * MiB, every: 64 * MiB };

const { values } = parseArgs({ options: { files: { type: 'string' }, gib: { type: 'string' } } });
const count = wholeNumber('files', values.files ?? '100000');
const large = wholeNumber('gib', values.gib ?? '20') * GiB;
const started = performance.now();
const say = (text: string): void => console.log(`[${((performance.now() - started) / 1000).toFixed(0)}s] ${text}`);

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new Error(`--${name} ${text}: want a whole number above 0`);
}

const chance = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));

async function makeSmall(folder: string): Promise<number> {
  let bytes = 0;
  for (let number = 0; number < count; number++) {
    const below = join(folder, `session-${Math.floor(number / 1000)}`);
    if (number % 1000 === 0) await mkdir(below, { recursive: true });
    const size = 512 + ((number * 7919) % 8192);
    await writeFile(join(below, `frame-${number}`), chance.update(Buffer.alloc(size)));
    bytes += size;
  }
  return bytes;
}

async function makeLarge(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const file = await open(join(folder, 'recording'), 'w');
  try {
    await file.truncate(large);
    for (let at = 0; at + dense.bytes <= large; at += dense.every) {
      await file.write(chance.update(Buffer.alloc(dense.bytes)), 0, dense.bytes, at);
    }
  } finally {
    await file.close();
  }
  return large;
}

let isWrong = false;

async function roundTrip(place: Place, name: string, make: (folder: string) => Promise<number>): Promise<void> {
  const folder = join(place.root, name);
  const back = join(place.root, `${name}-back`);
  const bytes = await make(folder);
  say(`${name}: ${(bytes / 1e6).toFixed(0)} MB`);
  const step = async (what: string, words: string[]): Promise<string> => {
    const { seconds, cpuSeconds, result } = await child(place, {}, ...words);
    const { peakBytes = 0, manifest = '' } = result;
    const rate = (bytes / 1e6 / seconds).toFixed(0);
    const memory = `${(peakBytes / MiB).toFixed(0)} MiB`;
    say(`${name}: ${what}: ${seconds.toFixed(1)} s, ${rate} MB/s, ${cpuSeconds.toFixed(1)} s of CPU, ${memory}`);
    if (peakBytes <= mostMemory) return manifest;
    say(`${name}: ${what}: needed more than ${mostMemory / MiB} MiB`);
    isWrong = true;
    return manifest;
  };
  const compare = async (): Promise<void> => {
    try {
      await promisify(execFile)('diff', ['-rq', folder, back], { signal: place.context.signal });
    } catch (error) {
      say(`${name}: what came back differs: ${(error as { stdout?: string }).stdout ?? String(error)}`);
      isWrong = true;
    }
    await rm(back, { recursive: true });
  };
  const version = urlOf(place, `${name}-versions`);
  const manifest = await step('commit', ['commit', version, folder]);
  await step('commit once more', ['commit', version, folder, manifest]);
  await step('restore', ['restore', version, back, manifest]);
  await compare();
  await rm(join(place.server.folder, `${name}-versions`), { recursive: true });
  const objects = urlOf(place, `${name}-objects`);
  await step('upload', ['copy', objects, folder]);
  await step('download', ['fetch', objects, back]);
  await compare();
  await rm(join(place.server.folder, `${name}-objects`), { recursive: true });
  await rm(folder, { recursive: true });
}

const interrupted = new AbortController();
for (const event of ['SIGINT', 'SIGTERM'] as const) {
  process.once(event, () => interrupted.abort(new Error(`stopped by ${event}`)));
}
await using cleanup = new AsyncDisposableStack();
const root = await mkdtemp(join(tmpdir(), 'osmo-soak-'));
cleanup.defer(() => rm(root, { recursive: true, force: true }));
const server = await startS3Server();
cleanup.defer(() => server.stop());
const repository = join(import.meta.dirname, '../..');
const context = { root: repository, up: false, say: () => undefined, signal: interrupted.signal, cleanup };
const place: Place = { server, root, program: await bundled(repository), context };
for (const [name, make] of [
  ['small', makeSmall],
  ['large', makeLarge],
] as const) {
  for (const use of ['versions', 'objects']) server.makeBucket(`${name}-${use}`);
  await roundTrip(place, name, make);
}
say(isWrong ? 'something is wrong' : 'all of it came back as it was');
process.exitCode = isWrong ? 1 : 0;
