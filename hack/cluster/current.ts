import { existsSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { obtainAll } from './components/obtain.ts';
import { environmentFile } from './config/environment-file.ts';
import type { ClusterHandle } from './handle.ts';
import { linkPrograms, writeFiles } from './node/files.ts';
import type { Layout } from './node/layout.ts';
import { run } from './system/run.ts';

/** The oldest minor release of Kubernetes 1 that OSMO runs on. */
export const oldestMinor = 30;

/**
 * Says what is wrong with a server's version; undefined when it will do.
 *
 * @param minor as servers tell it: digits, some with a `+`
 */
export function versionProblem(major: string, minor: string): string | undefined {
  const [one, two] = [Number.parseInt(major, 10), Number.parseInt(minor, 10)];
  if (one > 1 || (one === 1 && two >= oldestMinor)) return undefined;
  return `the cluster runs Kubernetes ${major}.${minor}; OSMO needs 1.${oldestMinor} or newer`;
}

/**
 * Uses the cluster of the current kubeconfig as it is; only checks that it answers and is new enough.
 *
 * @throws Error saying which of these it isn't.
 */
export async function upCurrent(layout: Layout, say: (line: string) => void): Promise<ClusterHandle> {
  const kubeconfig = process.env['KUBECONFIG'] || join(homedir(), '.kube', 'config');
  const programs = await obtainAll(['kubectl', 'helm'], say);
  const kubectl = programs['kubectl'] ?? 'kubectl';
  const environment = { ...process.env, KUBECONFIG: kubeconfig };
  const { stdout } = await run(kubectl, ['get', '--raw', '/version'], { environment, timeoutMs: 20_000 });
  const { major, minor } = JSON.parse(stdout) as { major: string; minor: string };
  const problem = versionProblem(major, minor);
  if (problem !== undefined) throw new Error(problem);
  writeFiles({
    [layout.environment]: { text: environmentFile({ ...layout, kubeconfig }), mode: 0o644 },
    ...(layout.defaultEnvironment !== undefined && {
      [layout.defaultEnvironment]: { text: environmentFile({ ...layout, kubeconfig }), mode: 0o644 },
    }),
  });
  linkPrograms(layout.bin, { kubectl, helm: programs['helm'] ?? '' });
  say(`using the current cluster (${kubeconfig.split(delimiter).join(', ')}), Kubernetes ${major}.${minor}`);
  return {
    kind: 'current',
    name: layout.name,
    kubeconfig,
    kubectl: join(layout.bin, 'kubectl'),
    helm: join(layout.bin, 'helm'),
    stateDirectory: layout.state,
    environmentFile: layout.defaultEnvironment ?? layout.environment,
    hostAddress: undefined,
    auditLog: undefined,
    s3: undefined,
  };
}

/** Forgets the current cluster, which is not ours to remove. A local cluster of the same name keeps its folder. */
export function downCurrent(layout: Layout, say: (line: string) => void): void {
  if (!existsSync(layout.data)) rmSync(layout.state, { recursive: true, force: true });
  say('CLUSTER=current: the cluster itself is left as it is');
}
