import { join } from 'node:path';
import { concurrencyOf, filterOf, keepBenchmark, regexOption, transferOptions } from '../../data/options.ts';
import { ProgressLine, shownResult } from '../../data/progress.ts';
import { absolute } from '../../data/sources.ts';
import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { datasetName } from './dataset-name.ts';
import type { Download } from './entry.ts';
import { eachVersion } from './repository.ts';

export const download: Verb = {
  path: ['dataset', 'download'],
  summary: 'Download a version of a dataset, or what a collection holds',
  description:
    'Files come into a folder of the name of the dataset. Each is checked by its hash and appears whole or not at all.',
  arguments: [
    {
      name: '[bucket/]name[:version]',
      description: 'dataset with a number or tag, the latest when not given; or collection',
    },
    { name: 'folder', description: 'where to; it is made if need be' },
  ],
  options: [
    regexOption,
    { flags: '-r, --resume', description: 'leave files alone that are here with the same contents' },
    ...transferOptions,
  ],
  examples: [
    ['dataset download arm-moves:good ./data', 'into ./data/arm-moves'],
    ["dataset download arm-moves ./data -x '.*\\.csv$' --resume", 'some of the latest, what is missing of it'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [text = '', folder = ''] = input.args;
    const { host } = session;
    const filter = await filterOf(input);
    const client = await session.gateway();
    const dataset = await datasetName(session, client, text);
    const found = await client.json<Download>({ path: dataset.path, query: { tag: dataset.version } });
    const line = new ProgressLine(host, 'Downloading');
    const onAbort = (): void => {
      line.end();
      session.note('Interrupted. The same command with --resume goes on.');
    };
    host.signal.addEventListener('abort', onAbort, { once: true });
    const sum = { files: 0, bytes: 0, skipped: 0 };
    const whole = input.text('regex') === undefined;
    const totals = {
      totalFiles: whole ? found.versions.reduce((count, { files }) => count + files, 0) : undefined,
      totalBytes: whole ? found.versions.reduce((bytes, { size }) => bytes + size, 0) : undefined,
    };
    const folders: string[] = [];
    const { collectSeldom } = await import('@osmo/storage/transfer');
    collectSeldom();
    try {
      await eachVersion(session, found, async (version, { name }) => {
        const before = { ...sum };
        // A folder of this name is written to: nothing that a server says may lead out of the one that was named.
        if (!/^[\w-]+$/.test(name)) throw usageFailure(`dataset ${JSON.stringify(name)}: is no name of a dataset`);
        const target = join(absolute(host.cwd, folder), name);
        folders.push(target);
        const { files, bytes, skipped } = await version.restore(target, {
          filter,
          resume: input.flag('resume'),
          concurrency: concurrencyOf(input),
          signal: host.signal,
          onProgress: (moved) =>
            line.update({ files: before.files + moved.files, bytes: before.bytes + moved.bytes, ...totals }),
        });
        sum.files += files;
        sum.bytes += bytes;
        sum.skipped += skipped;
      });
    } finally {
      host.signal.removeEventListener('abort', onAbort);
      line.end();
    }
    const { seconds } = line;
    keepBenchmark(session, input, input.command, { ...sum, seconds });
    await printResult(session, input.format, {
      data: { ...sum, seconds, versions: found.versions, folders },
      text: () => {
        const what = found.versions.map(({ name, version }) => `${name}:${version}`).join(', ');
        const there = sum.skipped === 0 ? '' : `; ${sum.skipped} were there already`;
        return `Downloaded ${what}: ${shownResult(sum, seconds)}${there}`;
      },
    });
  },
};
