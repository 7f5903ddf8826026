import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import type { Session } from '../../session.ts';
import type { Input, OptionSpec, Verb } from '../../verb.ts';
import { attributesIn, attributesOf, join } from './attributes.ts';
import { datasetName, plainDatasetName } from './dataset-name.ts';

interface Changed {
  name: string;
  tags: Record<string, number>;
  labels: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

export const tag: Verb = {
  path: ['dataset', 'tag'],
  summary: 'Give tags to a version of a dataset, or take them off',
  description: 'A tag is of one version at a time: set for another one, it moves.',
  arguments: [{ name: '[bucket/]name[:version]', description: 'dataset, with the version; the latest when not given' }],
  options: [
    { flags: '-s, --set <tag...>', description: 'tags for the version' },
    { flags: '-d, --delete <tag...>', description: 'tags to take off the dataset' },
  ],
  examples: [
    ['dataset tag arm-moves:3 -s good', 'moves a tag to version 3'],
    ['dataset tag arm-moves -d old', 'takes one off'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [set, remove] = [input.texts('set'), input.texts('delete')];
    if (set.length + remove.length === 0) throw usageFailure('--set, --delete: one of them must be given');
    const client = await session.gateway();
    const dataset = await datasetName(session, client, input.args[0] ?? '');
    const query = { tag: dataset.version, set_tag: set, delete_tag: remove };
    const answer = await client.json<Changed>({ method: 'POST', path: `${dataset.path}/attribute`, query, body: {} });
    await printResult(session, input.format, {
      data: { name: answer.name, tags: answer.tags },
      text: () => {
        const all = Object.entries(answer.tags).map(([name, version]) => `${name}: ${version}`);
        return `Tags of ${dataset.bucket}/${dataset.name} are ${all.join(', ') || 'none'}`;
      },
    });
  },
};

const valueOptions: readonly OptionSpec[] = [
  {
    flags: '-s, --set <key:type:value...>',
    description: 'key:string:value or key:numeric:value; dots in the key nest, commas make a list',
  },
  { flags: '-d, --delete <key...>', description: 'keys to take off, with dots between their parts' },
  { flags: '-f, --file <file>', description: 'file of YAML or JSON with what to set' },
];

export const label: Verb = {
  path: ['dataset', 'label'],
  summary: 'Set labels of a dataset, or take them off',
  description: 'Labels are of the dataset, metadata of a version. Both are JSON, and what queries ask about.',
  arguments: [{ name: '[bucket/]name', description: 'dataset or collection' }],
  options: valueOptions,
  examples: [
    ['dataset label arm-moves -s robot.kind:string:arm robot.joints:numeric:7', 'a map of two'],
    ['dataset label arm-moves -d robot.joints', 'takes one off'],
  ],
  formats: ['json', 'yaml'],
  run: (session, input) => change(session, input, 'label'),
};

export const metadata: Verb = {
  path: ['dataset', 'metadata'],
  summary: 'Set metadata of a version of a dataset, or take it off',
  arguments: [{ name: '[bucket/]name[:version]', description: 'dataset, with the version; the latest when not given' }],
  options: valueOptions,
  examples: [
    ['dataset metadata arm-moves:3 -s score:numeric:0.93', 'one value'],
    ['dataset metadata arm-moves -f run.yaml', 'what is in a file'],
  ],
  formats: ['json', 'yaml'],
  run: (session, input) => change(session, input, 'metadata'),
};

async function change(session: Session, input: Input, what: 'label' | 'metadata'): Promise<void> {
  const file = input.text('file');
  const [set, remove] = [input.texts('set'), input.texts('delete')];
  if (file === undefined && set.length + remove.length === 0)
    throw usageFailure('--set, --delete, --file: one of them must be given');
  const values = file === undefined ? {} : await attributesIn(session, [file], '--file');
  join(values, attributesOf(set, '--set'));
  const client = await session.gateway();
  const named = what === 'label' ? plainDatasetName : datasetName;
  const dataset = await named(session, client, input.args[0] ?? '');
  const answer = await client.json<Changed>({
    method: 'POST',
    path: `${dataset.path}/attribute`,
    query: { tag: dataset.version, [`delete_${what}`]: remove },
    body: { [`set_${what}`]: values },
  });
  const now = what === 'label' ? answer.labels : answer.metadata;
  await printResult(session, input.format, { data: now, text: () => JSON.stringify(now, null, 2) });
}

export const rename: Verb = {
  path: ['dataset', 'rename'],
  summary: 'Give a dataset or collection another name',
  description: 'Versions, tags and labels stay; nothing is moved in the object store.',
  arguments: [
    { name: '[bucket/]name', description: 'dataset' },
    { name: 'new-name', description: 'its new name' },
  ],
  examples: [['dataset rename arm-moves arm-motions', 'in the default bucket']],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [text = '', newName = ''] = input.args;
    const client = await session.gateway();
    const dataset = await plainDatasetName(session, client, text);
    const query = { new_name: newName };
    const answer = await client.json<Changed>({ method: 'POST', path: `${dataset.path}/attribute`, query, body: {} });
    await printResult(session, input.format, {
      data: answer,
      names: [`${dataset.bucket}/${answer.name}`],
      text: () => `Dataset ${dataset.bucket}/${dataset.name} is now ${dataset.bucket}/${answer.name}`,
    });
  },
};
