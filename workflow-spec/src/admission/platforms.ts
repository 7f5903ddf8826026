import { listed, problem, type Problem } from '../graph/problem.ts';
import { didYouMean, type SuggestionBudget } from '../graph/suggestion.ts';
import { platformNameOf, type Need } from './needs.ts';
import type { Surroundings } from './surroundings.ts';

/** A platform that a task can't run on. */
export interface PlatformFinding {
  readonly problem: Problem;
  /** 'author': the workflow names no platform of its pool. 'administrator': the pool lists one that isn't there. */
  readonly mend: 'author' | 'administrator';
}

/** What keeps this need from having a platform; undefined when nothing does, or when a pool without platforms needs none. */
export function platformFinding(
  need: Need,
  { pool, platforms }: Surroundings,
  budget: SuggestionBudget,
): PlatformFinding | undefined {
  if (pool === undefined) return undefined;
  const wanted = platformNameOf(need.resource, pool);
  const allowed = pool.spec.platforms;
  const name = JSON.stringify(pool.metadata.name);
  if (wanted === undefined) {
    if (allowed.length === 0) return undefined;
    const detail = `names no platform and pool ${name} has no defaultPlatform; allowed: ${listed(allowed)}`;
    return { mend: 'author', problem: wrong(need, detail) };
  }
  if (!allowed.includes(wanted)) {
    const meant = didYouMean(wanted, allowed, budget);
    const detail = `no platform of pool ${name}; allowed: ${listed(allowed)}${meant}`;
    return { mend: 'author', problem: wrong(need, detail, wanted) };
  }
  if (platforms.has(wanted)) return undefined;
  const detail = `pool ${name} lists this platform, and there is none of this name; an administrator has to make it`;
  return { mend: 'administrator', problem: wrong(need, detail, wanted) };
}

/** Where the author can say it: in the resource, or in the task that relies on one that isn't there. */
function wrong({ resourceName, resourcePath, path }: Need, detail: string, wanted?: string): Problem {
  if (resourcePath !== undefined && wanted !== undefined)
    return problem('InvalidSpec', `${resourcePath}.platform`, wanted, detail);
  if (resourcePath !== undefined) return problem('InvalidSpec', resourcePath, resourceName, detail);
  const hint =
    wanted === undefined
      ? `${detail}; add an entry ${JSON.stringify(resourceName)} with a platform to spec.resources`
      : `stands for platform ${JSON.stringify(wanted)}: ${detail}`;
  return problem('InvalidSpec', `${path}.resource`, resourceName, hint);
}
