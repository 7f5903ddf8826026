import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { OptionSpec, Verb } from '../../verb.ts';
import { confirmed } from '../confirm.ts';
import { bucketName } from '../dataset/dataset-name.ts';
import type { BucketEntry } from './list.ts';

const options: readonly OptionSpec[] = [
  { flags: '-d, --desc <text>', description: 'description' },
  {
    flags: '--credential <secret>',
    description: "Secret with a data credential for workflows, instead of the one of the URL's profile",
  },
  { flags: '--mode <mode>', description: 'whether new versions can be made', choices: ['read-write', 'read-only'] },
  { flags: '--default', description: 'names of datasets without a bucket mean this one' },
];

export const create: Verb = {
  path: ['bucket', 'create'],
  summary: 'Make a place in an object store a bucket of datasets',
  description: 'Nothing is asked of the store: the first upload makes what is needed there.',
  arguments: [
    { name: 'name', description: 'name of the bucket' },
    { name: 'url', description: 's3://, gs://, azure://, tos:// or swift://, with a folder for the bucket' },
  ],
  options,
  examples: [['bucket create robots s3://robots/datasets --default', 'for names without a bucket too']],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [name = '', url = ''] = input.args;
    const client = await session.gateway();
    const bucket = await bucketName(session, client, name);
    const body = { url, ...changes(input) };
    const answer = await client.json<BucketEntry>({ method: 'POST', path: `/api/bucket/${segment(bucket)}`, body });
    await printResult(session, input.format, {
      data: answer,
      names: [bucket],
      text: () => `Bucket ${bucket} keeps its datasets at ${answer.path}`,
    });
  },
};

export const update: Verb = {
  path: ['bucket', 'update'],
  summary: 'Change a bucket',
  description: 'All but its URL: versions are where they were written.',
  arguments: [{ name: 'name', description: 'name of the bucket' }],
  options,
  examples: [['bucket update robots --mode read-only', 'no new versions']],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const body = changes(input);
    if (Object.keys(body).length === 0)
      throw usageFailure('one of --desc, --credential, --mode and --default must be given');
    const client = await session.gateway();
    const bucket = await bucketName(session, client, input.args[0]);
    const answer = await client.json<BucketEntry>({ method: 'PATCH', path: `/api/bucket/${segment(bucket)}`, body });
    await printResult(session, input.format, {
      data: answer,
      names: [bucket],
      text: () => `Changed bucket ${bucket}`,
    });
  },
};

function changes(input: Parameters<Verb['run']>[1]): Record<string, unknown> {
  const [description, credential, mode] = ['desc', 'credential', 'mode'].map((option) => input.text(option));
  return {
    ...(description !== undefined && { description }),
    ...(credential !== undefined && { credential }),
    ...(mode !== undefined && { mode }),
    ...(input.flag('default') && { default: true }),
  };
}

export const deleteBucket: Verb = {
  path: ['bucket', 'delete'],
  summary: 'Delete a bucket that has no datasets',
  description: 'What is left in the object store stays there.',
  arguments: [{ name: 'name', description: 'name of the bucket' }],
  options: [{ flags: '-f, --force', description: 'without asking' }],
  examples: [['bucket delete robots', 'asks before']],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const client = await session.gateway();
    const bucket = await bucketName(session, client, input.args[0]);
    if (!input.flag('force') && !(await confirmed(session, `Delete bucket ${bucket}?`)))
      return session.note('Nothing was deleted.');
    const path = `/api/bucket/${segment(bucket)}`;
    const answer = await client.json<{ path: string }>({ method: 'DELETE', path });
    return printResult(session, input.format, {
      data: answer,
      text: () => `Deleted bucket ${bucket}; what is at ${answer.path} stays`,
    });
  },
};
