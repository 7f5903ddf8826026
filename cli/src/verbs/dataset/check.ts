import { segment } from '../../http/client.ts';
import { readDataCredentials } from '../../data/credentials-file.ts';
import { checkAccess } from '../data/check.ts';
import { absolute } from '../../data/sources.ts';
import type { Verb } from '../../verb.ts';
import { bucketName } from './dataset-name.ts';

export const check: Verb = {
  path: ['dataset', 'check'],
  summary: 'Check whether the bucket of a dataset can be read, written or deleted from, from here',
  description: 'Prints {"status": "pass"}, or "fail" with the error; the exit code is 0 either way.',
  arguments: [{ name: '[bucket/]name', description: 'dataset; it need not be there yet' }],
  options: [
    {
      flags: '-a, --access-type <type>',
      description: 'what is asked',
      choices: ['READ', 'WRITE', 'DELETE'],
      default: 'READ',
    },
    { flags: '-c, --config-file <file>', description: 'file of data credentials, instead of the one of this user' },
  ],
  examples: [['dataset check robots/arm-moves -a WRITE', 'before a long upload']],
  async run(session, input) {
    const [, given] = /^([^/]*)\//.exec(input.args[0] ?? '') ?? [];
    const client = await session.gateway();
    const bucket = await bucketName(session, client, given);
    const { path } = await client.json<{ path: string }>({ path: `/api/bucket/${segment(bucket)}/location` });
    const file = input.text('config-file');
    const credentials =
      file === undefined ? undefined : await readDataCredentials(absolute(session.host.cwd, file), true);
    await checkAccess(session, path, input.text('access-type') ?? 'READ', credentials);
  },
};
