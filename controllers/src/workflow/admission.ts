import { posix } from 'node:path';
import { WorkflowReasons } from '@osmo/crds';
import type { Backend, Platform, Pool } from '@osmo/crds';
import {
  checkResourceRules,
  type Need,
  nodeOffers,
  platformNameOf,
  resolveAmounts,
} from '@osmo/workflow-spec/admission';
import { listed, problem, problemsMessage, type Problem } from '@osmo/workflow-spec/graph';

/** What the workflow names, as far as it exists. */
export interface Surroundings {
  readonly poolName: string;
  readonly pool: Pool | undefined;
  readonly backend: Backend | undefined;
  /** Platforms of the pool that exist, by name. */
  readonly platforms: ReadonlyMap<string, Platform>;
}

/**
 * 'waits': an administrator can mend it, and the workflow then runs. 'refused': only its author can, by submitting another
 * one.
 */
export type Admission =
  | { readonly verdict: 'admitted'; readonly pool: Pool; readonly backend: Backend }
  | { readonly verdict: 'waits' | 'refused'; readonly reason: string; readonly message: string };

const messageLength = 2048;

/**
 * Whether Tasks may be created now. `started`: some were already, so only what is needed to resolve more of them is
 * asked; maintenance or tighter rules stop no workflow in the middle. A backend that is not connected keeps nothing back:
 * its operator finds the Tasks when it returns.
 */
export function admit(needs: readonly Need[], surroundings: Surroundings, started: boolean): Admission {
  const { pool, backend } = surroundings;
  const name = JSON.stringify(surroundings.poolName);
  if (pool === undefined) return waits(WorkflowReasons.poolNotFound, `there is no pool ${name}`);
  if (pool.spec.maintenance && !started) return waits(WorkflowReasons.poolNotReady, `pool ${name} is in maintenance`);
  if (backend === undefined) {
    const message = `pool ${name} belongs to backend ${JSON.stringify(pool.spec.backend)}, which does not exist`;
    return waits(WorkflowReasons.backendNotFound, message);
  }
  const missing = needs.map((need) => platformProblem(need, pool, surroundings)).find((text) => text !== undefined);
  if (missing !== undefined) return waits(WorkflowReasons.platformNotFound, missing);
  if (started) return { verdict: 'admitted', pool, backend };
  const forbidden = needs.flatMap((need) => forbiddenBy(platformOf(need, pool, surroundings), need));
  if (forbidden.length > 0) return refused(WorkflowReasons.notAllowed, problemsMessage(forbidden, messageLength));
  return rulesVerdict(needs, surroundings, pool, backend) ?? { verdict: 'admitted', pool, backend };
}

const waits = (reason: string, message: string): Admission => ({ verdict: 'waits', reason, message });
const refused = (reason: string, message: string): Admission => ({ verdict: 'refused', reason, message });

function platformOf(need: Need, pool: Pool, { platforms }: Surroundings): Platform | undefined {
  return platforms.get(platformNameOf(need.resource, pool) ?? '');
}

function platformProblem(need: Need, pool: Pool, { platforms }: Surroundings): string | undefined {
  const wanted = platformNameOf(need.resource, pool);
  const allowed = pool.spec.platforms;
  const where = need.resource === undefined ? need.task.path : `spec.resources ${JSON.stringify(need.resource.name)}`;
  const ofPool = `pool ${JSON.stringify(pool.metadata.name)}`;
  if (wanted === undefined) {
    if (allowed.length === 0) return undefined;
    return `${where}: names no platform and ${ofPool} has no defaultPlatform; allowed: ${listed(allowed)}`;
  }
  if (!allowed.includes(wanted)) {
    return `${where}: platform ${JSON.stringify(wanted)} is not one of ${ofPool}; allowed: ${listed(allowed)}`;
  }
  return platforms.has(wanted) ? undefined : `${where}: platform ${JSON.stringify(wanted)} of ${ofPool} does not exist`;
}

function forbiddenBy(platform: Platform | undefined, need: Need): Problem[] {
  const { path } = need.task;
  const on =
    platform === undefined ? 'the pool, which has no platform' : `platform ${JSON.stringify(platform.metadata.name)}`;
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

function rulesVerdict(
  needs: readonly Need[],
  surroundings: Surroundings,
  pool: Pool,
  backend: Backend,
): Admission | undefined {
  for (const need of needs) {
    const platform = platformOf(need, pool, surroundings);
    const variables = new Map((platform?.spec.variables ?? []).map(({ name, value }) => [name, value]));
    const amounts = resolveAmounts(need.resource, platform, pool);
    const failure = checkResourceRules(pool, amounts, variables, nodeOffers(backend, platform));
    if (failure === undefined) continue;
    const others = need.tasks > 1 ? ` and ${need.tasks - 1} more` : '';
    if (failure.kind === 'rule') return waits(WorkflowReasons.unsupported, failure.message);
    if (failure.kind === 'unknown') return waits(WorkflowReasons.poolNotReady, failure.message);
    return refused(WorkflowReasons.resourceRule, `${need.task.path}${others}: ${failure.message}`);
  }
  return undefined;
}
