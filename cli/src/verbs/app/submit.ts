import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { usageFailure } from '../../failure.ts';
import type { Session } from '../../session.ts';
import type { Verb } from '../../verb.ts';
import { sendRecipe } from '../workflow/submission.ts';
import { submitOptions, submitToPool } from '../workflow/submit-to-pool.ts';
import { appName } from './app-name.ts';
import type { AppDetail } from './entry.ts';
import { specOf } from './recipe-text.ts';

export const submit: Verb = {
  path: ['app', 'submit'],
  summary: 'Submit the recipe of an app',
  description: 'The workflow keeps on record which app and which version it is of: `workflow list --app`.',
  arguments: [{ name: 'name[:version]', description: 'app, or one version of it; the newest when not given' }],
  options: [
    ...submitOptions,
    {
      flags: '-l, --local-path <folder>',
      description: 'where files are that the recipe names by localpath; the current folder when not given',
    },
  ],
  examples: [
    ['app submit train-robot --set robot=anymal epochs=50', 'with parameters, which `app show` tells'],
    ['app submit train-robot:2 --pool lab --dry-run', 'print what a version becomes'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const app = appName(input.args[0] ?? '');
    const folder = folderOf(session, input.text('local-path'));
    await submitToPool(session, input, async (client, { pool, query }) => {
      const found = await client.json<AppDetail>({ path: app.path, query: { version: app.version, limit: 1 } });
      const version = found.versions[0]?.version;
      if (version === undefined) throw usageFailure(`app ${app.name} has no version`);
      // The version that was found, not the newest: somebody may add one in between.
      const recipe = { text: await specOf(client, { ...app, version }), folder };
      return sendRecipe(session, client, recipe, input, {
        pool,
        query: { ...query, app_uuid: found.uuid, app_version: version },
      });
    });
  },
};

function folderOf({ host }: Session, given: string | undefined): string {
  if (given === undefined) return host.cwd;
  const folder = isAbsolute(given) ? given : resolve(host.cwd, given);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw usageFailure(`--local-path ${JSON.stringify(given)}: there is no such folder`);
}
