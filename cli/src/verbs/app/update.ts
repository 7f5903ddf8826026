import { Failure } from '../../failure.ts';
import type { GatewayClient } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { type AppName, appName } from './app-name.ts';
import { keepEdited } from './keep-edited.ts';
import { givenRecipe, specOf } from './recipe-text.ts';

export const update: Verb = {
  path: ['app', 'update'],
  summary: 'Add a version to an app',
  description:
    'Without --file your editor opens with the version that is named, or the newest. The same text makes no version.',
  arguments: [{ name: 'name[:version]', description: 'app, and the version to begin with' }],
  options: [{ flags: '-f, --file <file>', description: 'recipe, or - for standard input' }],
  examples: [
    ['app update train-robot -f train.yaml', 'from a file'],
    ['app update train-robot:2', 'in your editor, beginning with version 2'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const app = appName(input.args[0] ?? '');
    const { name, path } = app;
    const client = await session.gateway();
    const former = await formerSpec(client, app);
    const recipe = await givenRecipe(session, input.text('file'), name, async () => former ?? '');
    if (recipe.text === former) {
      const data = { name, version: app.version ?? null, changed: false };
      return printResult(session, input.format, {
        data,
        text: () => `App ${name} has this text already; no version is added`,
      });
    }
    const answer = await keepEdited(session, recipe, name, () =>
      client.json<{ name: string; version: number }>({ method: 'PATCH', path, body: recipe.text }),
    );
    return printResult(session, input.format, {
      data: answer,
      text: () => `App ${answer.name} updated successfully\nVersion: ${answer.version}`,
    });
  },
};

/** The text to begin with; undefined when there is none, as of an app whose versions were all deleted: an update brings it back. */
async function formerSpec(client: GatewayClient, app: AppName): Promise<string | undefined> {
  try {
    return await specOf(client, app);
  } catch (error) {
    if (error instanceof Failure && [400, 404, 410].includes(error.code)) return undefined;
    throw error;
  }
}
