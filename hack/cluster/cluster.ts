import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { downCurrent, upCurrent } from './current.ts';
import { stopGateway } from './gateway/serve.ts';
import type { ClusterHandle } from './handle.ts';
import { downKind, kindImageNames, loadKind, upKind } from './kind.ts';
import { downLocal, upLocal } from './local.ts';
import { imageNames, importArchive } from './node/images.ts';
import { layoutOf, type Layout } from './node/layout.ts';
import { optionsFromEnvironment, type ClusterKind, type ClusterOptions } from './options.ts';
import { dockerFacts } from './system/docker.ts';
import { withLock } from './system/lock.ts';

/** Options with every default filled in. */
export interface ResolvedOptions {
  kind: ClusterKind;
  layout: Layout;
  say: (line: string) => void;
}

/**
 * Fills in defaults: from `CLUSTER` and `CLUSTER_NAME`, else kind where a Docker daemon answers that will do, else this host.
 *
 * @throws RangeError for a bad name or kind.
 */
export async function resolveOptions(options: ClusterOptions): Promise<ResolvedOptions> {
  const fromEnvironment = optionsFromEnvironment(process.env);
  const root = options.root ?? resolve(import.meta.dirname, '../..');
  return {
    layout: layoutOf(root, options.name ?? fromEnvironment.name),
    kind: options.kind ?? fromEnvironment.kind ?? ((await dockerWillDo()) ? 'kind' : 'local'),
    say: options.say ?? ((line) => process.stdout.write(`${line}\n`)),
  };
}

/** Docker on version 1 of cgroups has to be asked for: kind's images for newer Kubernetes don't start there. */
async function dockerWillDo(): Promise<boolean> {
  return (await dockerFacts())?.cgroupVersion === 2;
}

/**
 * Brings a cluster up, or mends it, and resolves when its node is Ready and its DNS works. Two at once for one name wait
 * for each other.
 *
 * @throws Error that says what to do.
 */
export async function upCluster(options: ClusterOptions = {}): Promise<ClusterHandle> {
  const { kind, layout, say } = await resolveOptions(options);
  return exclusively(layout, say, () => {
    if (kind === 'current') return upCurrent(layout, say);
    return kind === 'kind' ? upKind(layout, say) : upLocal(layout, say);
  });
}

/** Removes a cluster and every trace of it. Idempotent. A cluster of kind `current` is left alone. */
export async function downCluster(options: ClusterOptions = {}): Promise<void> {
  const { kind, layout, say } = await resolveOptions(options);
  const down = async (): Promise<void> => {
    await stopGateway(layout.state);
    if (kind === 'current') downCurrent(layout, say);
    else if (kind === 'kind') await downKind(layout, say);
    else await downLocal(layout, say);
  };
  await exclusively(layout, say, down, { remove: true });
}

/** Makes the images of a docker-archive available to pods under their names. */
export async function loadImage(options: ClusterOptions, archive: string): Promise<void> {
  const { kind, layout, say } = await resolveOptions(options);
  if (kind === 'local') await importArchive(layout, archive);
  else if (kind === 'kind') await loadKind(layout, archive, say);
  else throw new Error('CLUSTER=current: push the images to a registry that the cluster can reach');
}

/** Names of the images that the cluster's node has; undefined where that can't be told. */
export async function nodeImageNames(options: ClusterOptions): Promise<string[] | undefined> {
  const { kind, layout } = await resolveOptions(options);
  if (kind === 'current') return undefined;
  return kind === 'local' ? imageNames(layout) : kindImageNames(layout);
}

/** The lock lies outside the cluster's folder, which `down` removes. */
function exclusively<T>(
  layout: Layout,
  say: (line: string) => void,
  action: () => Promise<T>,
  { remove = false } = {},
): Promise<T> {
  const folder = resolve(layout.state, '..');
  mkdirSync(folder, { recursive: true });
  const onWait = (): void => say(`another process is working on cluster ${layout.name}; waiting for it`);
  return withLock(join(folder, `.${layout.name}.lock`), action, { onWait, remove });
}
