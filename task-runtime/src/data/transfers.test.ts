import { chmod, stat, symlink } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { InputPlan, OutputPlan, TransferPlan } from '../plan/index.ts';
import { Place } from '../testing/place.ts';
import { download } from './download.ts';
import { runtime } from './runtime.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.make();
  await place.write({ 'output/.keep': '' });
});
afterEach(() => place.remove());

const never = new AbortController().signal;
const ended = (): { stop: AbortSignal; deleted: AbortSignal } => ({ stop: AbortSignal.abort(), deleted: never });
const finish = (plan: Partial<TransferPlan>) => runtime(place.context(plan), ended());
const get = (inputs: InputPlan[], more: Partial<TransferPlan> = {}) =>
  download(place.context({ inputs, ...more }), never);

/** Writes an output and gives the manifest that it is kept as. */
async function kept(files: Record<string, string>): Promise<string> {
  await place.write(Object.fromEntries(Object.entries(files).map(([name, text]) => [`output/${name}`, text])));
  const { output } = await finish({ keep: place.url('outputs') });
  return output?.manifest ?? '';
}

const version = (manifest: string, more: object = {}): InputPlan => ({
  kind: 'version',
  index: 0,
  name: 'task prepare',
  url: place.url('outputs'),
  intermediate: true,
  manifest,
  ...more,
});

describe('what one task wrote', () => {
  test('is what the next one reads', async () => {
    const manifest = await kept({ 'a.txt': 'a', 'sub/b.txt': 'bb' });
    expect(manifest).toMatch(/^blake3:/);
    const { input } = await get([version(manifest)]);
    expect(input).toMatchObject({ files: 3, bytes: 3 });
    expect(await place.read('input/0')).toEqual({ '.keep': '', 'a.txt': 'a', 'sub/b.txt': 'bb' });
    expect(place.said).toEqual(expect.arrayContaining(['input 0: task prepare', '  a.txt  1 B', '  sub/']));
  });

  test.each<[string, object, string[]]>([
    ['by regex, from the start of the path', { regex: 'sub/.*txt' }, ['input/0/sub/b.txt']],
    ['by path', { path: 'sub/' }, ['input/0/sub/b.txt', 'input/0/sub/c']],
    ['into a folder', { path: 'a.txt', folder: 'lidar' }, ['input/0/lidar/a.txt']],
  ])('is read in part: %s', async (_, more, want) => {
    const manifest = await kept({ 'a.txt': 'a', 'sub/b.txt': 'b', 'sub/c': 'c', 'subtle/d': 'd' });
    await get([version(manifest, more)]);
    expect(Object.keys(await place.read('input')).map((path) => `input/${path}`)).toEqual(want);
  });

  test('can be read by whoever the next command runs as', async () => {
    await place.write({ 'output/secretive': 'x', 'output/run.sh': 'x' });
    await chmod(place.path('output/secretive'), 0o600);
    await chmod(place.path('output/run.sh'), 0o700);
    await get([version(await kept({}))]);
    const mode = async (name: string) => (await stat(place.path(`input/0/${name}`))).mode & 0o777;
    expect([(await mode('secretive')) & 0o444, (await mode('run.sh')) & 0o555]).toEqual([0o444, 0o555]);
  });

  test('is nothing when the folder is empty', async () => {
    const context = place.context({ keep: place.url('outputs') });
    context.folders.output = place.path('nothing/here');
    await place.write({ 'nothing/x': '' });
    const { mkdir } = await import('node:fs/promises');
    await mkdir(place.path('nothing/here/deep'), { recursive: true });
    expect(await runtime(context, ended())).toEqual({ version: 1, output: { files: 0, bytes: 0 } });
    expect(await place.read('store')).toEqual({});
  });

  test('links out of the folder stay behind', async () => {
    await place.write({ 'elsewhere/secret': 's' });
    await symlink(place.path('elsewhere/secret'), place.path('output/link'));
    await get([version(await kept({ a: 'a' }))]);
    expect(await place.read('input/0')).toEqual({ '.keep': '', a: 'a' });
  });
});

describe('URLs', () => {
  const from = (index: number, name: string, more: object = {}): InputPlan => ({
    kind: 'url',
    index,
    url: place.url(name),
    ...more,
  });
  const to = (index: number, name: string, more: object = {}): OutputPlan => ({
    kind: 'url',
    index,
    url: place.url(name),
    ...more,
  });

  test('inputs come in order, each into its folder', async () => {
    await place.write({ 'store/a/x': '1', 'store/b/y/z': '22' });
    const { input } = await get([from(0, 'a'), from(1, 'b')]);
    expect(input).toMatchObject({ files: 2, bytes: 3 });
    expect(await place.read('input')).toEqual({ '0/x': '1', '1/y/z': '22' });
    expect(place.said.filter((line) => /^input \d: file/.test(line)).map((line) => line.slice(0, 7))).toEqual([
      'input 0',
      'input 1',
    ]);
  });

  test('an output is uploaded under its own names, by regex', async () => {
    await place.write({ 'output/a.json': 'a', 'output/b.txt': 'b' });
    expect(await finish({ outputs: [to(0, 'out', { regex: '.*json' })] })).toEqual({
      version: 1,
      outputs: [{ index: 0, files: 1, bytes: 1 }],
    });
    expect(await place.read('store/out')).toEqual({ 'a.json': 'a' });
  });

  test('of an output of which only some paths are kept, the rest is not, and nothing when there are none', async () => {
    await place.write({ 'output/kpi.json': '{}', 'output/large.bin': 'x'.repeat(100), 'output/sub/kpi.json': 'y' });
    const keep = place.url('outputs');
    const { output } = await finish({ keep, keepPaths: ['./kpi.json', 'absent.json'] });
    expect(output).toMatchObject({ files: 1, bytes: 2 });
    await get([version(output?.manifest ?? '')]);
    expect(await place.read('input/0')).toEqual({ 'kpi.json': '{}' });
    expect((await finish({ keep, keepPaths: ['absent.json'] })).output).toEqual({ files: 0, bytes: 0 });
  });

  test('an output that fails is told, the others are there', async () => {
    await place.write({ 'store/file': 'a file, no folder', 'output/a': 'a' });
    const result = await finish({ keep: place.url('outputs'), outputs: [to(0, 'file/x'), to(1, 'out')] });
    expect(result).toMatchObject({
      code: expect.any(Number),
      message: expect.stringContaining('output 0'),
      output: { files: 2 },
      outputs: [{ index: 1, files: 2 }],
    });
    expect(Object.keys(await place.read('store/out'))).toContain('a');
  });

  test('that an input is not there is told by its number', async () => {
    await expect(get([from(3, 'nothing')])).rejects.toMatchObject({
      code: 30,
      message: expect.stringMatching(/^input 3: .*no object/),
    });
  });

  test('where an output can not be written, nothing is downloaded', async () => {
    await place.write({ 'store/a/x': '1', 'store/file': 'a file, no folder' });
    await expect(get([from(0, 'a')], { outputs: [to(0, 'file/x')] })).rejects.toMatchObject({
      message: expect.stringContaining('output 0'),
    });
    expect(await place.read('input')).toEqual({});
  });

  test('a look whether an output can be written leaves nothing', async () => {
    await get([], { outputs: [to(0, 'out')] });
    expect(await place.read('store')).toEqual({});
  });

  test('a credential that can not be used is told without its value', async () => {
    await place.write({ 'credentials/0/access_key_id': 'half-of-a-key' });
    const input = from(0, 'a', { credential: '0' });
    const failure = await get([{ ...input, url: 's3://robots/a' }]).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 13, message: expect.stringContaining('access_key is not set') });
    expect((failure as Error).message).not.toContain('half-of-a-key');
  });
});

describe('datasets', () => {
  const dataset = (more: object = {}): OutputPlan => ({
    kind: 'version',
    index: 0,
    name: 'lidar',
    url: place.url('bucket'),
    paths: [],
    metadata: [],
    labels: [],
    ...more,
  });
  const restored = async (manifest: string | undefined) => {
    const input = version(manifest ?? '', { url: place.url('bucket'), intermediate: undefined, folder: 'lidar' });
    await get([input]);
    return place.read('input/0/lidar');
  };

  test('a version has what its paths say', async () => {
    await place.write({ 'output/a/1': '1', 'output/b/2': '2' });
    const { outputs } = await finish({ outputs: [dataset({ paths: ['a/*'] })] });
    expect(await restored(outputs?.[0]?.manifest)).toEqual({ 'a/1': '1' });
  });

  test('an update adds to the version before', async () => {
    await place.write({ 'output/a': '1', 'output/b': '1' });
    const first = (await finish({ outputs: [dataset({ paths: ['a', 'b'] })] })).outputs?.[0]?.manifest;
    await place.write({ 'output/b': '2', 'output/c': '2' });
    const { outputs } = await finish({ outputs: [dataset({ base: first, paths: ['b', 'c'] })] });
    expect(await restored(outputs?.[0]?.manifest)).toEqual({ a: '1', b: '2', c: '2' });
  });

  test('metadata and labels come from files of the output', async () => {
    await place.write({ 'output/m.yaml': 'lens: wide\nn: 1', 'output/n.yaml': 'n: 2', 'output/l.yaml': 'team: [a]' });
    const { outputs } = await finish({ outputs: [dataset({ metadata: ['m.yaml', 'n.yaml'], labels: ['l.yaml'] })] });
    expect(outputs?.[0]).toMatchObject({ metadata: { lens: 'wide', n: 2 }, labels: { team: ['a'] } });
  });

  test('too much of it is left out, and said to be', async () => {
    await place.write({ 'output/m.yaml': `a: ${'x'.repeat(3000)}` });
    const { outputs } = await finish({ outputs: [dataset({ metadata: ['m.yaml'] })] });
    expect(outputs?.[0]).toMatchObject({ omitted: 'TooLarge', manifest: expect.any(String) });
  });

  test.each([
    ['../../credentials/x', 'leads out of the output folder'],
    ['missing.yaml', "can't be read"],
    ['list.yaml', 'must hold a map'],
    ['bad.yaml', 'is no YAML'],
  ])('refuses metadata from %s', async (path, message) => {
    await place.write({ 'output/list.yaml': '[1]', 'output/bad.yaml': '{', 'credentials/x': 'a: 1' });
    await symlink(place.path('credentials/x'), place.path('output/out.yaml'));
    const named = path.startsWith('..') ? 'out.yaml' : path;
    const result = await finish({ outputs: [dataset({ metadata: [named] })] });
    expect(result).toMatchObject({ code: 30, message: expect.stringContaining(message) });
  });
});

describe('checkpoints', () => {
  const checkpoint = (path: string) => ({ index: 0, path, seconds: 60, url: place.url('models') });

  test('come up after each pause, and once more in the end', async () => {
    const stop = new AbortController();
    const seen: string[][] = [];
    await place.write({ 'shared/models/1': '1' });
    const context = place.context(
      { checkpoints: [checkpoint('/models')] },
      {
        sleep: async (ms) => {
          place.pauses.push(ms);
          seen.push(Object.keys(await place.read('store/models')));
          if (seen.length === 2) await place.write({ 'shared/models/2': '2' });
          if (seen.length === 3) {
            await place.write({ 'shared/models/3': '3' });
            stop.abort();
          }
        },
      },
    );
    await runtime(context, { stop: stop.signal, deleted: never });
    expect(place.pauses).toEqual([60_000, 60_000, 60_000]);
    expect(seen).toEqual([[], ['models/1'], ['models/1', 'models/2']]);
    expect(Object.keys(await place.read('store/models'))).toEqual(['models/1', 'models/2', 'models/3']);
  });

  test('a star leaves the name of the folder out', async () => {
    await place.write({ 'shared/models/1': '1' });
    await finish({ checkpoints: [checkpoint('/models/*')] });
    expect(await place.read('store/models')).toEqual({ '1': '1' });
  });

  test('one that was never written is no failure', async () => {
    expect(await finish({ checkpoints: [checkpoint('/models')] })).toEqual({ version: 1 });
    expect(place.said).toEqual([expect.stringContaining("isn't there yet")]);
  });

  test('in the output come from there', async () => {
    await place.write({ 'output/best/1': '1' });
    await finish({ checkpoints: [checkpoint('/osmo/data/output/best')] });
    expect(await place.read('store/models')).toEqual({ 'best/1': '1' });
  });

  test.each([
    ['a link out of the output', '/osmo/data/output/link'],
    ['a link out of the output, and what is in it', '/osmo/data/output/link/*'],
    ['a link to a file', '/osmo/data/output/key'],
    ['a link out of a folder of its own', '/models/link'],
    ['a path out of the output', '/osmo/data/output/../credentials/x'],
    ['a path out of its folder', '/models/../../credentials/x'],
  ])('never hold what only the runtime may see: %s', async (_, path) => {
    await place.write({ 'credentials/x/key': 'hidden', 'output/a': 'a', 'shared/models/1': '1' });
    for (const link of ['output/link', 'shared/models/link'])
      // oxlint-disable-next-line no-await-in-loop
      await symlink(place.path('credentials/x'), place.path(link));
    await symlink(place.path('credentials/x/key'), place.path('output/key'));
    expect(await finish({ checkpoints: [checkpoint(path)] })).toMatchObject({
      message: expect.stringContaining('leads out of'),
    });
    expect(await place.read('store')).toEqual({});
  });
});

test('nothing is uploaded when the pod is being deleted', async () => {
  await place.write({ 'output/a': 'a' });
  const gone = AbortSignal.abort(new Error('deleted'));
  const context = place.context({
    keep: place.url('outputs'),
    checkpoints: [{ index: 0, path: place.path('output'), seconds: 1, url: place.url('models') }],
  });
  expect(await runtime(context, { stop: gone, deleted: gone })).toEqual({ version: 1 });
  expect(await place.read('store')).toEqual({});
});
