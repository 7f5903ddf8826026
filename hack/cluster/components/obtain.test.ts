import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../system/run.ts';
import { publishedChecksum } from './download.ts';
import { obtain, saysVersion } from './obtain.ts';
import { components, type Component, componentFor } from './table.ts';

const program = Buffer.from('#!/bin/sh\necho tool v1.2.3\n');
const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

describe('obtaining a program', () => {
  let scratch: string;
  let server: Server;
  let url: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let requests: string[];
  const built: string[] = [];
  const plain: Component = {
    name: 'tool',
    version: 'v1.2.3',
    module: 'none',
    package: 'example.com/tool',
    ldflags: '',
    versionArguments: ['--version'],
    baseUrlVariable: 'TOOL_RELEASE_URL',
    baseUrl: 'http://127.0.0.1:1',
    release: (os, architecture) => ({
      path: `/${os}/${architecture}/tool`,
      checksumPath: `/${os}/${architecture}/tool.sha256`,
    }),
  };
  const cached = (): string => join(scratch, 'cache', 'bin', 'tool-v1.2.3');
  const get = (component = plain, extra: NodeJS.ProcessEnv = {}) =>
    obtain(component, () => undefined, {
      environment: { OSMO_CACHE_DIR: join(scratch, 'cache'), TOOL_RELEASE_URL: url, ...extra },
      connectMs: 2000,
      build: async (what, target) => {
        built.push(what.name);
        writeFileSync(target, 'built', { mode: 0o755 });
      },
    });
  const serve = (files: Record<string, Buffer | string>): void => {
    answer = (request, response) => {
      const body = Object.entries(files).find(([suffix]) => request.url?.endsWith(suffix))?.[1];
      if (body === undefined) response.writeHead(404).end('none');
      else response.end(body);
    };
  };

  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'osmo-obtain-'));
    requests = [];
    built.length = 0;
    server = createServer((request, response) => {
      requests.push(request.url ?? '');
      answer(request, response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror/`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(scratch, { recursive: true, force: true });
  });

  test('takes the official release whose checksum is right, and asks the cache the next time', async () => {
    serve({ '/tool': program, '/tool.sha256': `${sha256(program)}\n` });
    expect(await get()).toBe(cached());
    expect(readFileSync(cached())).toEqual(program);
    expect((await run(cached(), [])).stdout).toBe('tool v1.2.3\n');
    expect(requests.every((path) => path.startsWith('/mirror/'))).toBe(true);
    const before = requests.length;
    await get();
    expect(requests).toHaveLength(before);
    expect(built).toEqual([]);
  });

  test('unpacks the program from a release that is an archive, with a list of checksums', async () => {
    mkdirSync(join(scratch, 'tree', 'linux'), { recursive: true });
    writeFileSync(join(scratch, 'tree', 'linux', 'tool'), program);
    await run('tar', ['-cf', join(scratch, 'tool.tar'), '-C', join(scratch, 'tree'), 'linux/tool']);
    const archive = gzipSync(readFileSync(join(scratch, 'tool.tar')));
    serve({ '/tool.tgz': archive, '/SUMS': `${'0'.repeat(64)}  other.tgz\n${sha256(archive)}  tool.tgz\n` });
    const release = () => ({ path: '/tool.tgz', checksumPath: '/SUMS', member: 'linux/tool' });
    await get({ ...plain, release });
    expect(readFileSync(cached())).toEqual(program);
  });

  const failures: [why: string, files: Record<string, Buffer | string>][] = [
    ['has another checksum than published', { '/tool': 'tampered', '/tool.sha256': sha256(program) }],
    ['has no published checksum', { '/tool': program }],
    ['has a checksum file that is a page of HTML', { '/tool': program, '/tool.sha256': '<html>sign in</html>' }],
    ['is not there (404)', { '/tool.sha256': sha256(program) }],
  ];
  test.each(failures)('never keeps a release that %s, and builds instead', async (_, files) => {
    serve(files);
    expect(readFileSync(await get(), 'utf8')).toBe('built');
    expect(built).toEqual(['tool']);
    expect(readdirSync(join(scratch, 'cache', 'bin')).filter((name) => name.startsWith('.download'))).toEqual([]);
  });

  test('never keeps a release that is cut off in the middle', async () => {
    answer = (request, response) => {
      if (request.url?.endsWith('.sha256')) return void response.end(sha256(program));
      response.writeHead(200, { 'content-length': String(program.length) });
      response.write(program.subarray(0, 10), () => response.destroy());
    };
    expect(readFileSync(await get(), 'utf8')).toBe('built');
  });

  test('builds where nobody answers', async () => {
    answer = () => undefined;
    await get();
    expect(built).toEqual(['tool']);
    await get({ ...plain, name: 'other' }, { TOOL_RELEASE_URL: 'http://127.0.0.1:1' });
    expect(built).toEqual(['tool', 'other']);
  });

  test('uses a program on PATH only when it is of the pinned version', async () => {
    serve({});
    const bin = join(scratch, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'tool'), '#!/bin/sh\necho tool v1.2.30\n');
    chmodSync(join(bin, 'tool'), 0o755);
    expect(await get(plain, { PATH: bin })).toBe(cached());
    rmSync(cached());
    writeFileSync(join(bin, 'tool'), program);
    expect(await get(plain, { PATH: bin })).toBe(join(bin, 'tool'));
  });

  test('is done once when several ask at the same time', async () => {
    serve({ '/tool': program, '/tool.sha256': sha256(program) });
    await Promise.all([get(), get(), get()]);
    expect(requests.filter((path) => path.endsWith('/tool'))).toHaveLength(1);
    expect(existsSync(cached())).toBe(true);
  });
});

describe('a published checksum', () => {
  const digest = 'a'.repeat(64);
  test.each([
    ['a bare digest', digest, digest],
    ['a digest with a newline', `${digest}\n`, digest],
    ['a line with the file', `${digest}  tool`, digest],
    ['a binary-mode line', `${digest} *tool`, digest],
    ['a line for another file', `${digest}  tool.exe`, undefined],
    ['a digest of another kind', 'a'.repeat(40), undefined],
    ['nothing', '', undefined],
  ])('is read from %s', (_, text, want) => {
    expect(publishedChecksum(text, 'tool')).toBe(want);
  });
});

describe('a program that says its version', () => {
  test.each([
    ['Kubernetes v1.36.3', 'v1.36.3', true],
    ['etcd Version: 3.7.3\nGit SHA: x', 'v3.7.3', true],
    ['CoreDNS-1.15.0\nlinux/amd64', 'v1.15.0', true],
    ['Kubernetes v1.36.30', 'v1.36.3', false],
    ['Kubernetes v1.36.3-rc.1', 'v1.36.3', false],
    ['Kubernetes v11.36.3', 'v1.36.3', false],
  ])('%j is %s: %s', (output, version, want) => {
    expect(saysVersion(output, version)).toBe(want);
  });
});

describe('the table of components', () => {
  test.each(Object.entries(components))('%s has its own name, a version and a release for Linux', (name, component) => {
    expect(component.name).toBe(name);
    expect(component.version).toMatch(/^v\d+\.\d+\.\d+$/);
    const { path, checksumPath } = component.release('linux', 'amd64');
    expect(path).toContain(component.version.slice(1));
    expect(checksumPath).toMatch(/^\//);
    expect(path).toMatch(/amd64|x86_64/);
  });
});

describe('the Kubernetes of a cluster', () => {
  test.each([undefined, '', 'newest'])('is the newest for KUBERNETES=%s', (asked) => {
    expect(componentFor('kubelet', { KUBERNETES: asked })).toEqual(components.kubelet);
  });

  test('is the oldest that is supported when that is asked for; its clients and all else stay', () => {
    const oldest = { KUBERNETES: 'oldest' };
    const kubelet = componentFor('kubelet', oldest);
    expect(kubelet).toMatchObject({ version: expect.stringMatching(/^v1\.30\.\d+$/), module: 'kubernetes-oldest' });
    expect(kubelet.ldflags).toContain('gitMinor=30');
    expect(kubelet.release('linux', 'amd64').path).toContain(kubelet.version);
    for (const name of ['kubectl', 'etcd', 'helm'] as const)
      expect(componentFor(name, oldest)).toEqual(components[name]);
  });

  test('is refused when it is any other', () => {
    expect(() => componentFor('kubelet', { KUBERNETES: 'v1.29.0' })).toThrow(
      'KUBERNETES="v1.29.0": allowed are newest, oldest',
    );
  });
});
