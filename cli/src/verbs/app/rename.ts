import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { confirmed } from '../confirm.ts';
import { plainAppName } from './app-name.ts';

export const rename: Verb = {
  path: ['app', 'rename'],
  summary: 'Give an app another name',
  arguments: [
    { name: 'name', description: 'app' },
    { name: 'new-name', description: 'what it is called afterwards' },
  ],
  options: [{ flags: '-f, --force', description: 'without asking' }],
  examples: [['app rename train-robot train-arm', 'its versions keep their numbers']],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [from = '', to = ''] = input.args;
    const { name, path } = plainAppName(from);
    const wanted = plainAppName(to).name;
    if (!input.flag('force') && !(await confirmed(session, `Rename app ${name} to ${wanted}?`)))
      return session.note('Nothing was renamed.');
    const client = await session.gateway();
    const renamed = await client.json<string>({ method: 'POST', path: `${path}/rename`, body: wanted });
    return printResult(session, input.format, {
      data: { name: renamed },
      text: () => `App ${name} renamed to ${renamed} successfully`,
    });
  },
};
