/**
 * Installs OSMO, built from the sources as they are, on the cluster of `make up`, which is started if it isn't running.
 * Quick when nothing changed.
 *
 *     node hack/install/main.ts [--build-only | --images-only]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../cluster/system/cache.ts';
import { bringUp } from './bring-up.ts';
import { type BuildContext, buildBundles, buildProgramImages } from './install.ts';

const { values } = parseArgs({
  options: { 'build-only': { type: 'boolean', default: false }, 'images-only': { type: 'boolean', default: false } },
});
const root = join(import.meta.dirname, '../..');
const say = (text: string): void => console.log(`==> ${text}`);

async function main(): Promise<void> {
  const context: BuildContext = { root, cache: cacheFolder(process.env), say };
  if (values['build-only']) {
    for (const { name, size } of await buildBundles(context)) say(`dist/${name}: ${Math.ceil(size / 1024)} KiB`);
  } else if (values['images-only']) {
    const images = await buildProgramImages(context);
    say(`${images.file}: ${images.names.join(', ')}`);
  } else {
    const { environmentFile } = await bringUp(context);
    say(`OSMO is installed: source ${environmentFile} && kubectl get pools`);
  }
}

await main().catch((error: unknown) => {
  console.error(`!!! ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
