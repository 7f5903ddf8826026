import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { poll } from '../cluster/system/poll.ts';
import { run } from '../cluster/system/run.ts';
import { keptInDistroless, packageFiles } from './distroless.ts';
import { layerOf, writeImage } from './image-archive.ts';
import { goArchitecture, imageConfiguration } from './image-configuration.ts';
import { pauseProgram } from './pause.ts';
import { standIns } from './stand-ins.ts';
import { treeDifference } from './tree-difference.ts';

let scratch: string;
const children: ChildProcess[] = [];
const tree = (name: string, files: Record<string, string>): string => {
  const folder = join(scratch, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
};
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'osmo-images-'));
});
afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    for (const stream of child.stdio) stream?.destroy();
  }
  rmSync(scratch, { recursive: true, force: true });
});

describe('a layer', () => {
  test('has the same digest for the same tree, whenever and by whomever it was made', async () => {
    const one = await layerOf(tree('a', { 'x/1': 'one', y: 'two' }), join(scratch, 'a.tar'));
    const two = await layerOf(tree('b', { y: 'two', 'x/1': 'one' }), join(scratch, 'b.tar'));
    expect(one.digest).toBe(two.digest);
    expect(one.digest).toBe(`sha256:${createHash('sha256').update(readFileSync(one.tar)).digest('hex')}`);
    expect(one.size).toBe(readFileSync(one.tar).length);
    const list = (await run('tar', ['--numeric-owner', '-tvf', one.tar])).stdout;
    expect(
      list
        .trim()
        .split('\n')
        .every((line) => / 0\/0 /.test(line) && line.includes('1970-01-01')),
    ).toBe(true);
  });

  test('may hold only some paths, and any character in them', async () => {
    const folder = tree('a', { 'x/1': '', 'x/2': '', '-rf': '', 'new\nline': '' });
    const layer = await layerOf(folder, join(scratch, 'a.tar'), { paths: ['x', 'x/2', '-rf', 'new\nline'] });
    const names = (await run('tar', ['--quoting-style=escape', '-tf', layer.tar])).stdout.trim().split('\n');
    expect(names.toSorted()).toEqual(['-rf', 'new\\nline', 'x/', 'x/2']);
  });
});

describe('an image archive', () => {
  test('holds every image once, with its layers in order and shared ones once', async () => {
    const base = await layerOf(tree('base', { base: '' }), join(scratch, 'base.tar'));
    const top = await layerOf(tree('top', { top: '' }), join(scratch, 'top.tar'));
    const output = join(scratch, 'out.tar');
    await writeImage(output, [
      { names: ['docker.io/a:1', 'docker.io/a:2'], layers: [base], config: { command: ['sh'] } },
      {
        names: ['docker.io/b:1'],
        layers: [base, top],
        config: { user: '65532:65532', entrypoint: ['/x'], environment: { A: 'b=c' } },
      },
    ]);
    const folder = join(scratch, 'unpacked');
    mkdirSync(folder);
    await run('tar', ['-xf', output, '-C', folder]);
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
      Config: string;
      RepoTags: string[];
      Layers: string[];
    }[];
    expect(manifest.map(({ RepoTags }) => RepoTags)).toEqual([['docker.io/a:1', 'docker.io/a:2'], ['docker.io/b:1']]);
    expect(manifest[1]?.Layers.map((file) => `sha256:${file.replace('.tar', '')}`)).toEqual([base.digest, top.digest]);
    expect(readdirSync(folder)).toHaveLength(5);
    for (const { Config } of manifest) {
      const text = readFileSync(join(folder, Config));
      expect(Config).toBe(`${createHash('sha256').update(text).digest('hex')}.json`);
    }
    expect(JSON.parse(readFileSync(join(folder, manifest[1]?.Config ?? ''), 'utf8'))).toMatchObject({
      os: 'linux',
      config: { User: '65532:65532', Entrypoint: ['/x'], Env: [expect.stringMatching(/^PATH=/), 'A=b=c'] },
      rootfs: { type: 'layers', diff_ids: [base.digest, top.digest] },
    });
    expect((await run('tar', ['-tf', output])).stdout.split('\n')[0]).toBe('manifest.json');
    expect(readdirSync(scratch).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test.each([
    ['without a name', { names: [], layers: [], config: {} }, 'images[].names: at least one is needed'],
    ['without a layer', { names: ['a'], layers: [], config: {} }, 'a: layers: at least one is needed'],
  ])('is refused for an image %s, and leaves no file', async (_, image, want) => {
    await expect(writeImage(join(scratch, 'x.tar'), [image])).rejects.toThrow(want);
    expect(readdirSync(scratch)).toEqual([]);
  });
});

test('an image configuration names the architecture as Go does', () => {
  expect(goArchitecture('x64')).toBe('amd64');
  expect(imageConfiguration({ architecture: 'arm64' }, [])).toMatchObject({ architecture: 'arm64' });
  expect(imageConfiguration({ stopSignal: 'SIGRTMIN+3' }, [])).toMatchObject({ config: { StopSignal: 'SIGRTMIN+3' } });
});

test('the difference of two trees is what a layer on top must hold', () => {
  const before = tree('before', { same: 'a', changed: 'a', longer: 'a', gone: 'a', 'dir/same': 'a', mode: 'a' });
  const after = tree('after', {
    same: 'a',
    changed: 'b',
    longer: 'ab',
    'dir/same': 'a',
    'dir/new': 'a',
    mode: 'a',
    'fresh/x': 'a',
  });
  chmodSync(join(after, 'mode'), 0o755);
  symlinkSync('same', join(before, 'link'));
  symlinkSync('other', join(after, 'link'));
  symlinkSync('same', join(before, 'kept'));
  symlinkSync('same', join(after, 'kept'));
  expect(treeDifference(before, after)).toEqual(['changed', 'dir/new', 'fresh', 'fresh/x', 'link', 'longer', 'mode']);
});

(process.arch === 'x64' && process.platform === 'linux' ? test : test.skip)(
  'the pause program runs, reaps children that it never asked for, and ends only when killed',
  async () => {
    const file = join(scratch, 'pause');
    writeFileSync(file, pauseProgram('x64'), { mode: 0o755 });
    // The shell's child becomes the pause program's when the shell turns into it; it ends when its input does.
    const script = 'sh -c "read -r _ <&3" & echo $!; exec 3<&-; exec "$0"';
    const child = spawn('sh', ['-c', script, file], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
    // Else a failure would leave it running, and Jest waiting for it.
    children.push(child);
    const orphan = await new Promise<string>((done) => child.stdout?.once('data', (data) => done(String(data).trim())));
    const name = (): string => readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim();
    // A child that ends before SIGCHLD is ignored stays a zombie.
    const reaps = (): boolean => {
      const [, ignored = '0'] = /^SigIgn:\s*(\w+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      return name() === 'pause' && (BigInt(`0x${ignored}`) & (1n << BigInt(constants.signals.SIGCHLD - 1))) !== 0n;
    };
    await poll('the pause program', async () => (reaps() ? true : undefined), { timeoutMs: 60_000, intervalMs: 5 });
    expect(existsSync(`/proc/${orphan}`)).toBe(true);
    (child.stdio[3] as Writable).end();
    await poll('its child gone', async () => (existsSync(`/proc/${orphan}`) ? undefined : true), {
      timeoutMs: 60_000,
      intervalMs: 5,
    });
    expect(name()).toBe('pause');
    expect(child.exitCode).toBeNull();
    const ended = new Promise((done) => child.once('exit', (_, signal) => done(signal)));
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
  },
);

test('there is no pause program for other architectures', () => {
  expect(() => pauseProgram('arm64')).toThrow('use CLUSTER=kind');
});

test('each name stands for one image only, and is a full one', () => {
  const names = standIns.flatMap((image) => image.names);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^docker\.io\/library\/[a-z]+:[a-z0-9.-]+$/);
  for (const image of standIns) expect(image.difference).not.toBe('');
});

test('the documentation names every image that has a stand-in', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/local-cluster.md'), 'utf8');
  for (const name of standIns.flatMap((image) => image.names)) {
    expect(page).toContain(`\`${name.replace('docker.io/library/', '')}\``);
  }
});

test.each([
  ['/usr/lib/x86_64-linux-gnu/libc.so.6', true],
  ['/usr/share/zoneinfo/Europe/Berlin', true],
  ['/etc/services', true],
  ['/usr/lib/x86_64-linux-gnu/gconv/UTF-16.so', false],
  ['/usr/share/doc/libc6/copyright', false],
  ['/sbin/ldconfig', false],
  ['/usr/bin/tzselect', false],
])('a distroless image has %s: %s', (path, want) => {
  expect(keptInDistroless(path)).toBe(want);
});

test('a package’s file list is read without its root', () => {
  expect(packageFiles('/.\n/lib\n/lib/x\n\n')).toEqual(['/lib', '/lib/x']);
});
