/**
 * Installs OSMO, built from the sources as they are, on the cluster that `make up` started. Quick when nothing changed.
 *
 *     node hack/install/main.ts [--build-only | --images-only]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { obtainAll } from '../cluster/components/obtain.ts';
import { cacheFolder } from '../cluster/system/cache.ts';
import { writeDefinitions } from './chart-definitions.ts';
import { type BuildContext, buildBundles, buildProgramImages, install } from './install.ts';
import { currentTarget } from './target.ts';

const { values } = parseArgs({
  options: { 'build-only': { type: 'boolean', default: false }, 'images-only': { type: 'boolean', default: false } },
});
const root = join(import.meta.dirname, '../..');
const say = (text: string): void => console.log(`==> ${text}`);

async function main(): Promise<void> {
  const context: BuildContext = { root, cache: cacheFolder(process.env), say };
  if (values['build-only']) {
    for (const { name, size } of await buildBundles(context))
      say(`dist/${name}/main.js: ${Math.ceil(size / 1024)} KiB`);
    return;
  }
  if (values['images-only']) {
    const images = await buildProgramImages(context);
    say(`${images.file}: ${images.names.join(', ')}`);
    return;
  }
  const { helm } = await obtainAll(['helm'], say);
  writeDefinitions(root);
  const options = { release: 'osmo', namespace: 'osmo-system', timeoutSeconds: 180 };
  await install({ ...context, helm: helm! }, await currentTarget(root, process.env), options);
  say('OSMO is installed: kubectl get pools');
}

await main().catch((error: unknown) => {
  console.error(`!!! ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
