import { filterOf, keepBenchmark, regexOption, transferOptions } from '../../data/options.ts';
import { shownBytes } from '../../data/amount.ts';
import { shownResult } from '../../data/progress.ts';
import type { GatewayClient } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Session } from '../../session.ts';
import type { Input, OptionSpec, Verb } from '../../verb.ts';
import { attributesIn } from './attributes.ts';
import { type Contents, contentsOf } from './contents.ts';
import { datasetName, type DatasetName } from './dataset-name.ts';
import type { Committed } from './entry.ts';
import { commitContents, withRepository } from './repository.ts';

export const attributeOptions: readonly OptionSpec[] = [
  { flags: '-m, --metadata <file...>', description: 'files of YAML or JSON with metadata of the version' },
  { flags: '-l, --labels <file...>', description: 'files of YAML or JSON with labels of the dataset' },
];

export const upload: Verb = {
  path: ['dataset', 'upload'],
  summary: 'Make a new version of a dataset from files',
  description:
    'The dataset is made if need be. A folder keeps its name, `folder/*` is its contents; objects at URLs are copied. What any version of any dataset of the bucket holds already is not sent again, so the same command goes on with an upload that was interrupted.',
  arguments: [
    { name: '[bucket/]name[:tag]', description: 'dataset, with a tag for the new version if one is wanted' },
    { name: 'paths...', description: 'files, folders and URLs' },
  ],
  options: [
    { flags: '-d, --desc <text>', description: 'description of the version' },
    ...attributeOptions,
    regexOption,
    { flags: '-r, --resume', description: "upstream's; an upload always goes on from what is stored" },
    ...transferOptions,
  ],
  examples: [
    ['dataset upload arm-moves ./recordings', 'a folder, in the default bucket'],
    ["dataset upload robots/arm-moves:good './recordings/*' -d 'After calibration'", 'its contents, with a tag'],
    ['dataset upload arm-moves s3://robots/raw/run-1 -m run.yaml', 'objects at a URL, with metadata'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [text = '', ...paths] = input.args;
    const taken = await filterOf(input);
    const client = await session.gateway();
    const dataset = await datasetName(session, client, text);
    const attributes = await attributesFor(session, input);
    const contents = await contentsOf(
      session,
      paths.map((path) => ({ text: path, into: '' })),
      taken,
    );
    const body = { ...attributes, description: input.text('desc') ?? '' };
    const { committed, result, seconds } = await uploadVersion(session, client, { dataset, contents, body });
    keepBenchmark(session, input, input.command, { ...result, seconds });
    await printCommitted(session, input, { dataset, committed, result, seconds });
  },
};

/** Commits contents as a new version of a dataset, with the tag that its name has. */
export async function uploadVersion(
  session: Session,
  client: GatewayClient,
  { dataset, contents, body }: { dataset: DatasetName; contents: Contents; body: object },
): Promise<{ committed: Committed; result: Stored; seconds: number }> {
  const place = await client.json<Committed>({ method: 'POST', path: dataset.path, body: {} });
  const { seconds, ...result } = await withRepository(
    session,
    place.path,
    (repository) => commitContents(session, repository, contents),
    { create: true },
  );
  const tags = dataset.version === undefined || dataset.version === 'latest' ? [] : [dataset.version];
  const committed = await client.json<Committed>({
    method: 'POST',
    path: dataset.path,
    query: { finish: true },
    body: { ...commitBody(result), ...body, tags },
  });
  return { committed, result, seconds };
}

interface Stored {
  manifest: string;
  files: number;
  bytes: number;
  storedBytes: number;
}

/** What the gateway is told of a commit. */
export const commitBody = ({ manifest, files, bytes, storedBytes }: Stored) => ({
  manifest,
  files,
  size: bytes,
  stored_size: storedBytes,
});

/** Metadata and labels that options name files of. */
export async function attributesFor(session: Session, input: Input): Promise<{ metadata?: object; labels?: object }> {
  const [metadata, labels] = [input.texts('metadata'), input.texts('labels')];
  return {
    ...(metadata.length > 0 && { metadata: await attributesIn(session, metadata, '--metadata') }),
    ...(labels.length > 0 && { labels: await attributesIn(session, labels, '--labels') }),
  };
}

export function printCommitted(
  session: Session,
  input: Input,
  made: { dataset: DatasetName; committed: Committed; result: Stored; seconds: number },
): Promise<void> {
  const { dataset, committed, result, seconds } = made;
  const name = `${dataset.bucket}/${dataset.name}:${committed.version_id}`;
  return printResult(session, input.format, {
    data: { ...committed, ...commitBody(result) },
    names: [name],
    text: () =>
      `Version ${name} has ${shownResult(result, seconds)}; ${shownBytes(result.storedBytes)} were new to the bucket`,
  });
}
