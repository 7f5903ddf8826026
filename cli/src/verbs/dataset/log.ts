import { shownBytes } from '../../data/amount.ts';
import { printResult } from '../../output/print.ts';
import { shownTime } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';
import { datasetName } from './dataset-name.ts';
import type { DatasetInfo, Provenance, VersionEntry } from './entry.ts';

interface Graph {
  versions: readonly { dataset: string; name: string; version: number; provenance: Provenance | null }[];
  edges: readonly { from: string; to: string }[];
  truncated: boolean;
}

export const log: Verb = {
  path: ['dataset', 'log'],
  summary: 'Say what made the versions of a dataset',
  description: 'Workflow, task, attempt and inputs of each. --graph follows them through other datasets.',
  arguments: [{ name: '[bucket/]name[:version]', description: 'dataset, or one version of it' }],
  options: [
    {
      flags: '-g, --graph <direction>',
      description: 'of one version: what it was made from, or what was made from it',
      choices: ['backwards', 'forwards'],
    },
    { flags: '-c, --count <number>', description: 'most versions to show', type: 'integer', minimum: 1, default: 20 },
  ],
  examples: [
    ['dataset log arm-moves', 'its versions, the newest first'],
    ['dataset log arm-policy:3 --graph backwards', 'all that version 3 came from'],
    ['dataset log arm-moves:1 --graph forwards', 'all that came of version 1'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const client = await session.gateway();
    const dataset = await datasetName(session, client, input.args[0] ?? '');
    const { timeZone } = session.host;
    const direction = input.text('graph');
    if (direction !== undefined) {
      const query = { tag: dataset.version, direction };
      const graph = await client.json<Graph>({ path: `${dataset.path}/provenance`, query });
      return printResult(session, input.format, {
        data: graph,
        text: () => [...graphLines(graph), ...(graph.truncated ? ['… and more'] : [])].join('\n'),
      });
    }
    const count = Math.min(1000, input.integer('count') ?? 20);
    const query = { tag: dataset.version, order: 'DESC', count };
    const answer = await client.json<DatasetInfo>({ path: `${dataset.path}/info`, query });
    return printResult(session, input.format, {
      data: { name: answer.name, versions: answer.versions },
      text: () => answer.versions.map((each) => described(answer.name, each, timeZone)).join('\n\n'),
    });
  },
};

function described(name: string, version: VersionEntry, timeZone: string | undefined): string {
  const { provenance } = version;
  const description = version.metadata['description'];
  const tags = version.tags.length === 0 ? '' : ` (${version.tags.join(', ')})`;
  const inputs = (provenance?.inputs ?? []).map(inputText);
  return [
    `${name}:${version.version}${tags}`,
    `  ${shownTime(version.created_date, timeZone)} by ${version.created_by || '-'}: ${version.files} files, ${shownBytes(version.size)}, ${shownBytes(version.stored_size)} new`,
    ...(provenance?.workflow === undefined ? [] : [`  made by ${madeBy(provenance)}`]),
    ...(inputs.length === 0 ? [] : [`  from ${inputs.join(', ')}`]),
    ...(typeof description === 'string' && description !== '' ? [`  ${description}`] : []),
  ].join('\n');
}

function madeBy({ workflow, task, attempt, outcome, imageID }: Provenance): string {
  const which = attempt === undefined || attempt === 0 ? '' : `, attempt ${attempt}`;
  const how = outcome === 'Failed' ? ', which failed' : '';
  return `task ${task ?? '-'} of ${workflow?.name ?? '-'}${which}${how}${imageID === undefined ? '' : `, image ${imageID}`}`;
}

/** The object of a dataset is named after its bucket, a dot and the dataset. */
function inputText({ dataset, version, task, url }: NonNullable<Provenance['inputs']>[number]): string {
  if (dataset !== undefined) return `${dataset.slice(dataset.indexOf('.') + 1)}:${version ?? '?'}`;
  return url ?? (task === undefined ? 'something' : `the output of task ${task}`);
}

function graphLines({ versions, edges }: Graph): string[] {
  const made = new Map(versions.map((each) => [`${each.dataset}.${each.version}`, each]));
  /** Of what is gone, and so has no name any more, that of its object. */
  const shown = (object: string): string => {
    const version = made.get(object);
    if (version !== undefined) return `${version.name}:${version.version}`;
    return object.replace(/^[^.]*\./, '').replace(/\.(\d+)$/, ':$1');
  };
  if (edges.length === 0) return [...made.keys()].map(shown);
  return edges.map(({ from, to }) => {
    const provenance = made.get(to)?.provenance;
    const by = provenance?.workflow === undefined ? '' : `   by ${madeBy(provenance)}`;
    return `${shown(from)} -> ${shown(to)}${by}`;
  });
}
