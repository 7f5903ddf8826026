/** Copies the generated resource definitions into the chart; with --check it only says which copies are stale. */
import { staleDefinitions, writeDefinitions } from './chart-definitions.ts';

const root = process.cwd();
if (process.argv.includes('--check')) {
  const stale = staleDefinitions(root);
  for (const { path } of stale) console.error(`${path} is stale: run \`make generate\` and commit the result`);
  if (stale.length > 0) process.exitCode = 1;
} else {
  for (const path of writeDefinitions(root)) console.log(`wrote ${path}`);
}
