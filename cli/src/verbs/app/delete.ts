import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { confirmed } from '../confirm.ts';
import { appName } from './app-name.ts';

export const deleteApp: Verb = {
  path: ['app', 'delete'],
  summary: 'Delete a version of an app, or the whole app',
  description: 'Workflows that were made of it stay and run on.',
  arguments: [{ name: 'name[:version]', description: 'app, with the version unless --all is given' }],
  options: [
    { flags: '-a, --all', description: 'all versions' },
    { flags: '-f, --force', description: 'without asking' },
  ],
  examples: [
    ['app delete train-robot:1', 'one version'],
    ['app delete train-robot --all --force', 'everything, without a question'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const { name, path, version } = appName(input.args[0] ?? '');
    const all = input.flag('all');
    if ((version === undefined) === !all)
      throw usageFailure(`${name}: name a version (${name}:1), or give --all for the whole app`);
    const what = all ? `all versions of app ${name}` : `version ${version} of app ${name}`;
    if (!input.flag('force') && !(await confirmed(session, `Delete ${what}?`)))
      return session.note('Nothing was deleted.');
    const client = await session.gateway();
    const query = all ? { all_versions: true } : { version };
    const { versions } = await client.json<{ versions: number[] }>({ method: 'DELETE', path, query });
    return printResult(session, input.format, {
      data: { versions },
      text: () => versions.map((each) => `Deleted version ${each} of app ${name}`).join('\n'),
    });
  },
};
