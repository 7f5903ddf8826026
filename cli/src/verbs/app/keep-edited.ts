import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '../../session.ts';
import type { GivenRecipe } from './recipe-text.ts';

/** Sends a recipe; what a person has written in their editor is kept in a file when the gateway doesn't take it. */
export async function keepEdited<T>(
  session: Session,
  { text, edited }: GivenRecipe,
  name: string,
  send: () => Promise<T>,
): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (edited) {
      const file = join(mkdtempSync(join(tmpdir(), 'osmo-')), `${name}.yaml`);
      writeFileSync(file, text, { mode: 0o600 });
      session.note(`What you wrote is kept in ${file}; go on with --file.`);
    }
    throw error;
  }
}
