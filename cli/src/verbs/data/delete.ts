import { filterOf, regexOption } from '../../data/options.ts';
import { withPlace } from '../../data/open.ts';
import { ProgressLine } from '../../data/progress.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { objectsAt, pathBelow } from './objects.ts';

/** Requests at once. */
const lanes = 16;

export const deleteData: Verb = {
  path: ['data', 'delete'],
  summary: 'Delete what is at a URL',
  description: 'The object, or everything below the folder. Nobody is asked.',
  arguments: [{ name: 'url', description: 's3://, gs://, azure://, tos:// or swift://, with a folder or an object' }],
  options: [regexOption],
  examples: [
    ['data delete s3://robots/scratch/run-1', 'everything below a folder'],
    ["data delete s3://robots/scratch -x '.*\\.tmp$'", 'some of it'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [url = ''] = input.args;
    const { host } = session;
    const taken = await filterOf(input);
    const line = new ProgressLine(host, 'Deleting');
    const [deleted, bytes] = await withPlace(session, url, async (store, path) => {
      let [count, sum] = [0, 0];
      for await (const { objects } of objectsAt(store, path, { signal: host.signal })) {
        const waiting = objects.filter(({ key }) => taken(pathBelow(path, key)));
        const lane = async (): Promise<void> => {
          for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
            // oxlint-disable-next-line no-await-in-loop
            await store.delete(next.key, { signal: host.signal });
            count++;
            sum += next.size;
            line.update({ files: count, bytes: sum });
          }
        };
        await Promise.all(Array.from({ length: lanes }, lane));
      }
      return [count, sum] as const;
    }).finally(() => line.end());
    await printResult(session, input.format, {
      data: { deleted, bytes },
      text: () => `Deleted ${deleted} ${deleted === 1 ? 'object' : 'objects'}`,
    });
  },
};
