import { isAbsolute, join } from 'node:path';
import type { RecipeRequest } from '@osmo/workflow-spec';
import { Failure, usageFailure } from '../../failure.ts';
import { readText } from './read-text.ts';

/** Files that a recipe names by `localpath`. */
export interface LocalFiles {
  /** Contents, by the name that the recipe has. */
  found: Record<string, string>;
  /** Why others could not be read. */
  missing: ReadonlyMap<string, string>;
}

/** @param folder of the recipe, from which names are taken */
export function readLocalFiles(names: readonly string[], folder: string): LocalFiles {
  const found: Record<string, string> = {};
  const missing = new Map<string, string>();
  for (const name of names) {
    try {
      found[name] = readText(isAbsolute(name) ? name : join(folder, name), name);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      missing.set(name, error.message.slice(name.length + 2));
    }
  }
  return { found, missing };
}

/** Each place of the recipe that names a file which could not be read. */
export async function missingFiles(
  request: Pick<RecipeRequest, 'text' | 'set' | 'setString'>,
  { found, missing }: LocalFiles,
): Promise<Failure> {
  const { describeRecipeProblem, readRecipe } = await import('@osmo/workflow-spec');
  const read = readRecipe({ ...request, localFiles: found });
  const places = ('problems' in read ? read.problems : []).filter(({ path = '' }) => path.endsWith('.localpath'));
  const lines = places.map((place) => {
    const why = missing.get(String(place.value));
    return describeRecipeProblem(why === undefined ? place : { ...place, message: why });
  });
  const rest = lines.length > 0 ? lines : [...missing].map(([name, why]) => `localpath ${name}: ${why}`);
  return usageFailure(rest.join('\n'));
}
