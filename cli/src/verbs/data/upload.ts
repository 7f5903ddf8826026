import { concurrencyOf, filterOf, rateLimitOf, rateOptions, regexOption, transferOptions } from '../../data/options.ts';
import { withPlace } from '../../data/open.ts';
import { localSource } from '../../data/sources.ts';
import type { Verb } from '../../verb.ts';
import { moveFiles } from './move.ts';

export const upload: Verb = {
  path: ['data', 'upload'],
  summary: 'Upload files and folders to a URL',
  description:
    'A folder keeps its name, `folder/*` is its contents. Objects of the same names are replaced, others stay. The gateway has no part in it: the keys are those of `osmo credential set --type DATA`, or what the environment gives.',
  arguments: [
    { name: 'url', description: 's3://, gs://, azure://, tos:// or swift://, with the folder to upload to' },
    { name: 'paths...', description: 'files and folders' },
  ],
  options: [
    regexOption,
    { flags: '-r, --resume', description: 'leave out what is there already, of the same size and not older' },
    ...rateOptions,
    ...transferOptions,
  ],
  examples: [
    ['data upload s3://robots/recordings ./run-1 ./run-2', 'two folders, below recordings/run-1 and run-2'],
    ["data upload s3://robots/recordings './run-1/*' -x '.*\\.mcap$'", 'the recordings in a folder, without its name'],
    ['data upload s3://robots/recordings ./run-1 --resume', 'go on with an upload that was interrupted'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [url = '', ...paths] = input.args;
    const sources = paths.map((path) => localSource(session, path));
    await filterOf(input);
    const limit = rateLimitOf(input);
    const { uploadTree } = await import('@osmo/storage/transfer');
    await withPlace(
      session,
      url,
      (store, path) =>
        moveFiles(
          session,
          input,
          { deed: 'Uploading', done: 'Uploaded', hint: 'Interrupted. The same command with --resume goes on.' },
          (onProgress) =>
            uploadTree(store, path, sources, {
              regex: input.text('regex'),
              resume: input.flag('resume'),
              concurrency: concurrencyOf(input),
              signal: session.host.signal,
              count: true,
              onProgress,
            }),
        ),
      limit,
    );
  },
};
