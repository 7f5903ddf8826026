import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import type { Session } from '../../session.ts';
import type { Input, Verb } from '../../verb.ts';
import { type DatasetName, plainDatasetName } from './dataset-name.ts';

interface Collected {
  name: string;
  members: readonly { name: string; version: number }[];
}

export const collect: Verb = {
  path: ['dataset', 'collect'],
  summary: 'Make a collection: a name for versions of several datasets',
  description: 'All are of one bucket. A collection among them stands for what it holds.',
  arguments: [
    { name: '[bucket/]name', description: 'collection to make' },
    { name: 'datasets...', description: 'name, or name:version; the latest version when not given' },
  ],
  examples: [['dataset collect training arm-moves:good gripper-moves', 'two datasets under one name']],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [text = '', ...datasets] = input.args;
    const client = await session.gateway();
    const name = await plainDatasetName(session, client, text);
    const query = { datasets };
    const answer = await client.json<Collected>({ method: 'POST', path: `${name.path}/collect`, query });
    await print(session, input, name, answer);
  },
};

export const recollect: Verb = {
  path: ['dataset', 'recollect'],
  summary: 'Change what a collection holds',
  description: 'What is removed is removed first. A collection that is left empty is deleted.',
  arguments: [{ name: '[bucket/]name', description: 'collection' }],
  options: [
    { flags: '-a, --add <dataset...>', description: 'name, or name:version' },
    { flags: '-r, --remove <dataset...>', description: 'name, or name:version with a number' },
  ],
  examples: [['dataset recollect training -r arm-moves -a arm-moves:4', 'another version of one']],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [add, remove] = [input.texts('add'), input.texts('remove')];
    if (add.length + remove.length === 0) throw usageFailure('--add, --remove: one of them must be given');
    const client = await session.gateway();
    const name = await plainDatasetName(session, client, input.args[0] ?? '');
    const query = { add_datasets: add, remove_datasets: remove };
    const answer = await client.json<Collected>({ method: 'POST', path: `${name.path}/recollect`, query });
    await print(session, input, name, answer);
  },
};

function print(session: Session, input: Input, { bucket }: DatasetName, answer: Collected): Promise<void> {
  const members = answer.members.map(({ name, version }) => `${name}:${version}`);
  return printResult(session, input.format, {
    data: answer,
    names: [`${bucket}/${answer.name}`],
    text: () =>
      members.length === 0
        ? `Collection ${bucket}/${answer.name} was left empty and is deleted`
        : `Collection ${bucket}/${answer.name} holds ${members.join(', ')}`,
  });
}
