import type { Platform, Pool, WorkflowSpec } from '@osmo/crds';
import { problem, type Problem } from '../graph/problem.ts';
import type { SuggestionBudget } from '../graph/suggestion.ts';
import type { WrittenGroup } from '../graph/written-tasks.ts';
import { timeoutWarnings } from './advice.ts';
import { quotaProblems } from './gpu-quota.ts';
import { labelFindings } from './labels.ts';
import { needsOf, type Need } from './needs.ts';
import { permissionProblems } from './permissions.ts';
import { platformFinding } from './platforms.ts';
import { connectionWarning, poolWarning } from './pool-state.ts';
import { resourceFindings } from './resources.ts';
import type { Surroundings } from './surroundings.ts';
import { placeProblems, topologyProblems } from './topology.ts';
import type { AdmissionWorld } from './types.ts';

/** What is to be said of a workflow, unsorted. */
export interface Findings {
  readonly problems: Problem[];
  readonly warnings: string[];
}

/** What a pool, its platforms and its nodes have to say about a spec. */
export function findingsInPool(
  spec: WorkflowSpec,
  groups: readonly WrittenGroup[],
  poolName: string,
  world: AdmissionWorld,
  budget: SuggestionBudget,
): Findings {
  const surroundings = surroundingsOf(poolName, world);
  const { pool } = surroundings;
  const warnings = [poolWarning(surroundings, world, budget), connectionWarning(surroundings)];
  const found: Findings = { problems: [], warnings: warnings.filter((text) => text !== undefined) };
  if (pool === undefined) return found;
  addLabels(found, spec, pool, budget);
  const placed = addPlatforms(
    found,
    needsOf(
      spec,
      groups.flatMap((group) => group.tasks),
    ),
    surroundings,
    pool,
    budget,
  );
  addResources(found, placed, surroundings, pool);
  found.problems.push(...quotaProblems(spec, surroundings), ...placeProblems(spec, groups, pool));
  found.warnings.push(...timeoutWarnings(spec, pool));
  return found;
}

function surroundingsOf(poolName: string, { pools, platforms, backends }: AdmissionWorld): Surroundings {
  const pool = pools.get(poolName);
  const known = (pool?.spec.platforms ?? []).map((name): [string, Platform | undefined] => [name, platforms.get(name)]);
  return {
    poolName,
    pool,
    backend: pool && backends?.get(pool.spec.backend),
    platforms: new Map(known.filter((entry): entry is [string, Platform] => entry[1] !== undefined)),
  };
}

function addLabels(found: Findings, spec: WorkflowSpec, pool: Pool, budget: SuggestionBudget): void {
  for (const { enforced, problem: wrong } of labelFindings(spec, pool, budget)) {
    if (enforced) found.problems.push(wrong);
    else found.warnings.push(lineOf(wrong));
  }
}

/** The needs whose platform is there, or that need none. */
function addPlatforms(
  found: Findings,
  needs: readonly Need[],
  surroundings: Surroundings,
  pool: Pool,
  budget: SuggestionBudget,
): Need[] {
  const waiting = new Set<string>();
  const placed = needs.filter((need) => {
    const finding = platformFinding(need, surroundings, budget);
    if (finding?.mend === 'author') found.problems.push(finding.problem);
    if (finding?.mend === 'administrator') waiting.add(lineOf(finding.problem));
    // Of a platform that isn't there nobody knows what it allows.
    if (finding === undefined) found.problems.push(...permissionProblems(need, surroundings));
    found.problems.push(...topologyProblems(need, pool, budget));
    return finding === undefined;
  });
  found.warnings.push(...waiting);
  return placed;
}

const untilThen = {
  tight: 'the tasks wait until there is such a node',
  unknown: 'the workflow waits until there is one',
  rule: 'the workflow waits until an administrator has mended the rule',
} as const;

function addResources(found: Findings, needs: readonly Need[], surroundings: Surroundings, pool: Pool): void {
  const { backend } = surroundings;
  if (backend === undefined) return;
  for (const { kind, need, path, value, message } of resourceFindings(needs, { ...surroundings, backend }, pool)) {
    const others = need.tasks > 1 ? ` and ${need.tasks - 1} more` : '';
    const wrong = problem('InvalidSpec', path, value, `${message} (asked for by ${need.path}${others})`);
    if (kind === 'unfit') found.problems.push(wrong);
    else found.warnings.push(`${lineOf(wrong)}; ${untilThen[kind]}`);
  }
}

const lineOf = ({ path, value, given, detail }: Problem): string =>
  given === undefined ? `${path}: ${detail}` : `${path}: ${value}: ${detail}`;
