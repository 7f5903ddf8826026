import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { baseLayer } from '../images/base-layers.ts';
import { type Bundle, bundle } from './bundle.ts';
import { callHelm } from './helm.ts';
import { buildImages, type ImageArchive, nodeLayer } from './images.ts';

/** The programs that run as pods, which are also folders of the repository. */
export const programs = ['controllers', 'backend-operator', 'api-gateway', 'webhooks', 'task-runtime'] as const;

/** Where things are and what tells the user about progress. */
export interface BuildContext {
  root: string;
  /** Folder for what can be made again but takes time. */
  cache: string;
  say: (text: string) => void;
}

/** What an installation needs beside that. */
export interface InstallContext extends BuildContext {
  /** Path of the Helm program. */
  helm: string;
}

/** A cluster to install on. */
export interface Target {
  kubeconfig: string;
  /** Makes images known to its nodes, under the names they have in the archive; quick when they are already. */
  loadImages(archive: ImageArchive): Promise<void>;
}

/** What to install, and how. */
export interface ReleaseOptions {
  release: string;
  namespace: string;
  /** Further arguments of `helm upgrade`, such as `--set`. */
  helmArguments?: readonly string[];
  timeoutSeconds: number;
}

/** Bundles every program into `dist/`. */
export async function buildBundles({ root }: BuildContext): Promise<Bundle[]> {
  return Promise.all(programs.map((name) => bundle(root, name)));
}

/** Builds the images of every program from the sources as they are now. */
export async function buildProgramImages(context: BuildContext): Promise<ImageArchive> {
  const bundles = await buildBundles(context);
  for (const { name, size } of bundles) context.say(`${name}: ${(size / 1024).toFixed(0)} KiB`);
  const chart = parse(readFileSync(join(context.root, 'charts/osmo/Chart.yaml'), 'utf8')) as { appVersion: string };
  const libraries = await baseLayer('distroless', context.say);
  const runtime = [libraries, await nodeLayer(context.root, join(context.cache, 'layers'))];
  return buildImages({ root: context.root, version: chart.appVersion, runtime, bundles });
}

/**
 * Installs or upgrades OSMO on a cluster from the sources as they are now, and waits until its pods are ready. Repeating it
 * is quick: images keep their tags as long as the programs are the same, and then no pod is replaced.
 *
 * @throws Error with Helm's message when the release fails or its pods don't become ready in time.
 */
export async function install(context: InstallContext, target: Target, options: ReleaseOptions): Promise<ImageArchive> {
  const images = await buildProgramImages(context);
  context.say(`images: ${images.names.join(', ')}`);
  await target.loadImages(images);
  const home = join(context.cache, 'helm');
  mkdirSync(home, { recursive: true });
  context.say(`helm upgrade --install ${options.release}, namespace ${options.namespace}`);
  const run = callHelm(
    context.helm,
    [
      ...['upgrade', '--install', options.release, join(context.root, 'charts/osmo')],
      ...['--namespace', options.namespace, '--create-namespace', '--history-max', '5'],
      ...['--wait', '--timeout', `${options.timeoutSeconds}s`],
      ...['--set', `image.tag=${images.tag}`],
      ...(options.helmArguments ?? []),
    ],
    { KUBECONFIG: target.kubeconfig, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home },
  );
  if (!run.ok) throw new Error(run.stderr.trim());
  return images;
}
