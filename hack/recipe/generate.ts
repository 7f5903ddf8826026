/** Writes the reference of recipes and their JSON Schema; with --check it only says which of them is stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipeSections } from '../../workflow-spec/src/recipe/keys/sections.ts';
import { recipeReference } from './reference.ts';
import { recipeSchema } from './schema.ts';

const wanted = {
  'docs/reference/recipe.md': recipeReference(recipeSections),
  'docs/reference/recipe.schema.json': `${JSON.stringify(recipeSchema(recipeSections), undefined, 2)}\n`,
};
for (const [path, text] of Object.entries(wanted)) {
  const file = join(import.meta.dirname, '../..', path);
  const found = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (found === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is stale: run \`make generate\` and commit the result`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}
