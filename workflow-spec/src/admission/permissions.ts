import { posix } from 'node:path';
import type { Platform } from '@osmo/crds';
import { listed, problem, type Problem } from '../graph/problem.ts';
import type { Need } from './needs.ts';
import { platformOf, platformWords, type Surroundings } from './surroundings.ts';

/** What the platform doesn't let these tasks do: privileged, the node's network, folders of the node. */
export function permissionProblems(need: Need, surroundings: Surroundings): Problem[] {
  const platform = platformOf(need.resource, surroundings);
  const on = platformWords(platform);
  const { path } = need;
  const problems: Problem[] = [];
  if (need.privileged && platform?.spec.privilegedAllowed !== true) {
    problems.push(problem('InvalidSpec', `${path}.privileged`, true, `not allowed on ${on}`));
  }
  if (need.hostNetwork && platform?.spec.hostNetworkAllowed !== true) {
    problems.push(problem('InvalidSpec', `${path}.hostNetwork`, true, `not allowed on ${on}`));
  }
  for (const [index, hostPath] of need.hostPaths.entries()) {
    const detail = mountProblem(hostPath, platform, on);
    if (detail === undefined) continue;
    problems.push(problem('InvalidSpec', `${path}.volumeMounts[${index}].hostPath`, hostPath, detail));
  }
  return problems;
}

function mountProblem(hostPath: string, platform: Platform | undefined, on: string): string | undefined {
  const allowed = platform?.spec.allowedMounts ?? [];
  if (hostPath.split('/').includes('..')) return 'must not contain ".."';
  if (allowed.some((folder) => isWithin(hostPath, folder))) return undefined;
  if ((platform?.spec.defaultMounts ?? []).some((folder) => isWithin(hostPath, folder))) {
    return `every task on ${on} has it already; remove it`;
  }
  return `not allowed on ${on}; allowed: ${listed(allowed)}`;
}

function isWithin(path: string, folder: string): boolean {
  const [inner, outer] = [path, folder].map((each) => posix.normalize(`${each}/`));
  return inner !== undefined && outer !== undefined && inner.startsWith(outer);
}
