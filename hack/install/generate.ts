/** Copies the generated resource definitions, and the defaults of values, into the chart; with --check it only says which copies are stale. */
import { staleChartFiles, writeChartFiles } from './chart-definitions.ts';

const root = process.cwd();
if (process.argv.includes('--check')) {
  const stale = staleChartFiles(root);
  for (const { path } of stale) console.error(`${path} is stale: run \`make generate\` and commit the result`);
  if (stale.length > 0) process.exitCode = 1;
} else {
  for (const path of writeChartFiles(root)) console.log(`wrote ${path}`);
}
