import { keepBenchmark, transferOptions } from '../../data/options.ts';
import { usageFailure } from '../../failure.ts';
import type { Verb } from '../../verb.ts';
import { contentsOf, type Source } from './contents.ts';
import { datasetName } from './dataset-name.ts';
import type { Committed } from './entry.ts';
import { commitContents, withRepository } from './repository.ts';
import { attributeOptions, attributesFor, commitBody, printCommitted } from './upload.ts';

export const update: Verb = {
  path: ['dataset', 'update'],
  summary: 'Make a new version of a dataset from one that there is',
  description:
    'What matches --remove is left out, what --add names comes on top; everything else stays as it is, without being sent.',
  arguments: [
    {
      name: '[bucket/]name[:version]',
      description: 'dataset, with the version to begin from; the latest when not given',
    },
  ],
  options: [
    {
      flags: '-a, --add <source:folder...>',
      description:
        'files, folders or URLs to add; behind a colon the folder of the dataset that one goes to, if any; `\\:` is a colon in a path',
    },
    { flags: '-r, --remove <expression>', description: 'paths to leave out (regular expression as in Python)' },
    ...attributeOptions,
    { flags: '--resume <version>', description: "upstream's; an update always goes on from what is stored" },
    ...transferOptions,
  ],
  examples: [
    ['dataset update arm-moves -a ./run-9', 'the latest version and one more folder'],
    [
      "dataset update arm-moves:good -a ./fixed.csv:labels -r 'labels/old/.*'",
      'another version, with a file for a folder',
    ],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [text = ''] = input.args;
    const sources = input.texts('add').map(sourceOf);
    const expression = input.text('remove');
    if (sources.length === 0 && expression === undefined)
      throw usageFailure('--add, --remove: one of them must be given');
    const { pathFilter } = await import('@osmo/storage/transfer');
    let removed = (_: string): boolean => false;
    try {
      if (expression !== undefined) removed = pathFilter(expression);
    } catch (error) {
      throw error instanceof RangeError ? usageFailure(`--remove: ${error.message}`) : error;
    }
    const client = await session.gateway();
    const dataset = await datasetName(session, client, text);
    const attributes = await attributesFor(session, input);
    const contents = await contentsOf(session, sources, () => true);
    const place = await client.json<Committed>({
      method: 'POST',
      path: dataset.path,
      query: { tag: dataset.version },
      body: {},
    });
    const { base } = place;
    if (base === null)
      throw usageFailure(`${text}: has no version to begin from; 'osmo dataset upload' makes the first one`);
    const { seconds, ...result } = await withRepository(session, place.path, (repository) =>
      commitContents(session, repository, contents, { base: base.manifest, remove: removed }),
    );
    const committed = await client.json<Committed>({
      method: 'POST',
      path: dataset.path,
      query: { finish: true },
      body: { ...commitBody(result), ...attributes, base_version: base.version },
    });
    keepBenchmark(session, input, input.command, { ...result, seconds });
    await printCommitted(session, input, { dataset, committed, result, seconds });
  },
};

/** Reads `SOURCE[:FOLDER]`: the last colon that has no `\` before it and isn't the one of a URL. */
export function sourceOf(text: string): Source {
  const [, source = text, into = ''] = /^(.*(?:[^\\]|^)):(?!\/\/)((?:[^:\\]|\\.)*)$/s.exec(text) ?? [];
  const plain = (part: string): string => part.replaceAll('\\:', ':');
  return { text: plain(source), into: plain(into) };
}
