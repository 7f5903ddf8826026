import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const here = fileURLToPath(new URL('./', import.meta.url));

test('files larger than all memory that a process may have go up and come down', async () => {
  const root = await mkdtemp(join(tmpdir(), 'osmo-memory-'));
  // Sparse files take no room; the store is one that keeps only what it counted, so that the disk isn't what is measured.
  const program = `
    import { mkdir, open, readFile, stat } from 'node:fs/promises';
    import { uploadTree } from ${JSON.stringify(join(here, 'upload.ts'))};
    import { downloadTree } from ${JSON.stringify(join(here, 'download.ts'))};
    const MiB = 1024 * 1024;
    const root = ${JSON.stringify(root)};
    await mkdir(root + '/in');
    for (const name of ['a', 'b', 'c', 'd']) {
      const file = await open(root + '/in/' + name, 'w');
      await file.truncate(96 * MiB);
      await file.close();
    }
    const sizes = new Map();
    const info = (key) => ({ key, size: sizes.get(key), etag: '"e"', modified: new Date(0) });
    const zeros = Buffer.alloc(256 * 1024);
    const store = {
      url: 's3://count',
      put: async (key, body) => {
        let size = 0;
        for await (const piece of body) size += piece.byteLength;
        sizes.set(key, size);
        return { size, etag: '"e"' };
      },
      list: async function* () { yield { objects: [...sizes.keys()].map(info), folders: [] }; },
      get: async (key, { range } = {}) => ({
        info: info(key),
        body: (async function* () {
          for (let left = range?.length ?? sizes.get(key); left > 0; left -= zeros.byteLength) yield zeros.subarray(0, left);
        })(),
      }),
    };
    const up = await uploadTree(store, 'x', [{ path: root + '/in' }]);
    const down = await downloadTree(store, 'x', root + '/out');
    // Not the maximum of getrusage: that begins with what the process had that started this one.
    const most = Number(/^VmHWM:\\s*(\\d+) kB/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1]);
    console.log(JSON.stringify({ up: up.bytes, down: down.bytes, size: (await stat(root + '/out/a')).size, most }));`;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--max-old-space-size=64', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program],
    ]);
    const { up, down, size, most } = JSON.parse(stdout) as Record<string, number>;
    const MiB = 1024 * 1024;
    expect([up, down, size]).toEqual([384 * MiB, 384 * MiB, 96 * MiB]);
    expect((most ?? Infinity) / 1024).toBeLessThan(256);
  } finally {
    await rm(root, { recursive: true });
  }
});
