/** Writes the reference of the command line; with --check it only says whether it is stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groups, verbs } from '../../cli/src/verbs/index.ts';
import { cliReference } from './reference.ts';

const path = 'docs/reference/cli.md';
const file = join(import.meta.dirname, '../..', path);
const wanted = cliReference(groups, verbs);
const found = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
if (found !== wanted && process.argv.includes('--check')) {
  console.error(`${path} is stale: run \`make generate\` and commit the result`);
  process.exitCode = 1;
} else if (found !== wanted) {
  writeFileSync(file, wanted);
  console.log(`wrote ${path}`);
}
