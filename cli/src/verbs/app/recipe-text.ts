import { usageFailure } from '../../failure.ts';
import type { GatewayClient } from '../../http/client.ts';
import { readRecipeFile } from '../workflow/submission.ts';
import type { Session } from '../../session.ts';
import type { AppName } from './app-name.ts';

/** The recipe of an app, as it was written. */
export const specOf = (client: GatewayClient, { path, version }: AppName): Promise<string> =>
  client.text({ path: `${path}/spec`, query: { version } });

/** A recipe for an app, and whether it came from an editor, where it is gone unless it is kept. */
export interface GivenRecipe {
  text: string;
  edited: boolean;
}

/**
 * The recipe of `--file` (`-`: standard input), or what a person makes of a text in their editor.
 *
 * @throws Failure when there is no file and no terminal, or the text is empty
 */
export async function givenRecipe(
  session: Session,
  file: string | undefined,
  name: string,
  seed: () => Promise<string>,
): Promise<GivenRecipe> {
  const { host } = session;
  const text =
    file === undefined
      ? await host.edit(await seed(), `${name}.yaml`)
      : file === '-'
        ? await host.readInput()
        : readRecipeFile(session, file).text;
  if (text === undefined) throw usageFailure('--file: must be given: there is no terminal for an editor');
  if (text.trim() === '') throw usageFailure(`${file ?? 'the recipe'}: is empty`);
  return { text, edited: file === undefined };
}
