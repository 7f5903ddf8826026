import type { Verb } from '../../verb.ts';
import { appName } from './app-name.ts';
import { specOf } from './recipe-text.ts';

export const spec: Verb = {
  path: ['app', 'spec'],
  summary: 'Print the recipe of an app',
  arguments: [{ name: 'name[:version]', description: 'app, or one version of it' }],
  examples: [['app spec train-robot:2 > train.yaml', 'as it was written']],
  async run(session, input) {
    const client = await session.gateway();
    const text = await specOf(client, appName(input.args[0] ?? ''));
    session.host.out.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
  },
};
