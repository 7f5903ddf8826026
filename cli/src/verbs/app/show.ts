import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { appName } from './app-name.ts';
import type { AppDetail } from './entry.ts';
import { specOf } from './recipe-text.ts';

export const show: Verb = {
  path: ['app', 'show'],
  summary: 'Show what an app is for and its parameters',
  description: 'The parameters are the `default-values` of the recipe with their comments.',
  arguments: [{ name: 'name[:version]', description: 'app, or one version of it' }],
  examples: [['app show train-robot', 'what can be set with `app submit --set`']],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const app = appName(input.args[0] ?? '');
    const client = await session.gateway();
    const { description } = await client.json<AppDetail>({ path: app.path, query: { version: app.version } });
    const { splitSections } = await import('@osmo/workflow-spec');
    const { defaults } = splitSections((await specOf(client, app)).replaceAll('\r\n', '\n'));
    const parameters = defaults?.text.trimEnd() ?? '';
    await printResult(session, input.format, {
      data: { name: app.name, description, parameters },
      text: () => `DESCRIPTION\n${description ?? ''}\n\nPARAMETERS\n${parameters}`.trimEnd(),
    });
  },
};
