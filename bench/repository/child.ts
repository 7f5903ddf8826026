/**
 * One thing done with a repository or a store, in a process of its own, whose peak of memory it prints as a line of JSON.
 *
 *     node bench/repository/child.ts commit URL FOLDER [BASE] | restore URL FOLDER MANIFEST | copy URL FOLDER | fetch URL FOLDER
 *                                    | fill URL FILES | list URL MANIFEST
 */
import { openStore } from '@osmo/storage';
import { openRepository, type Repository, type TreeEntry } from '@osmo/storage/repository';
import { collectSeldom, downloadTree, uploadTree } from '@osmo/storage/transfer';
import type { ChildResult } from './child-result.ts';

const [action = '', url = '', folder = '', ...more] = process.argv.slice(2);

async function* manyFiles(count: number): AsyncGenerator<TreeEntry> {
  for (let number = 0; number < count; number++) {
    const bytes = Buffer.from(`contents of ${number}`);
    const path = `recordings/session-${Math.floor(number / 1000)}/frame-${number % 1000}.png`;
    yield {
      path,
      size: bytes.byteLength,
      async *open() {
        yield bytes;
      },
    };
  }
}

async function act(repository: Repository): Promise<ChildResult> {
  switch (action) {
    case 'commit': {
      const [base] = more;
      // All of the folder, and nothing else: the base only tells what is there already.
      const { manifest, bytes, storedBytes } = await repository.commit({ folder }, { base, remove: () => true });
      return { manifest, bytes, storedBytes };
    }
    case 'fill': {
      const { manifest } = await repository.commit(manyFiles(Number(folder)));
      return { manifest };
    }
    case 'restore': {
      // As the task runtime and the command do.
      collectSeldom();
      const { bytes } = await (await repository.open(more[0] ?? '')).restore(folder);
      return { bytes };
    }
    case 'list': {
      let files = 0;
      for await (const _ of (await repository.open(folder)).list()) files++;
      return { files };
    }
    default:
      throw new Error(`${action}: no such action`);
  }
}

const store = await openStore(url);
let result: ChildResult;
if (action === 'copy') {
  await uploadTree(store, '', [{ path: folder }], {});
  result = {};
} else if (action === 'fetch') {
  await downloadTree(store, '', folder, {});
  result = {};
} else {
  const repository = await openRepository(store, { create: true });
  const started = performance.now();
  const done = await act(repository);
  result = { ...done, seconds: (performance.now() - started) / 1000 };
  await repository.close();
}
await store.close();
console.log(JSON.stringify({ ...result, peakBytes: process.resourceUsage().maxRSS * 1024 } satisfies ChildResult));
