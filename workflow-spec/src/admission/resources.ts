import type { Backend, Pool } from '@osmo/crds';
import { unfitOf } from './node-fit.ts';
import { needsByResource, resolveAmounts, type Need } from './needs.ts';
import { checkResourceRules, nodeOffers } from './resource-rules.ts';
import { platformOf, platformWords, type Surroundings } from './surroundings.ts';

/**
 * Why tasks with one kind of resources don't fit. 'unfit': they never will, as the administrator says what is allowed or
 * what nodes there can be. 'tight': no node that is there now has room, and others may come. 'unknown': no node is known
 * to compare with. 'rule': a rule of the pool can't be read.
 */
export interface ResourceFinding {
  readonly kind: 'unfit' | 'tight' | 'unknown' | 'rule';
  /** The first task, and how many ask for the same. */
  readonly need: Need;
  /** The entry of spec.resources or the amount in it, `spec.resources[0].gpu`; else the field of the task that relies on the defaults. */
  readonly path: string;
  /** What is asked for, by the pool's and the platform's defaults too. */
  readonly value: unknown;
  readonly message: string;
}

/** What is wrong with the resources that tasks ask for, one finding for each entry of spec.resources. */
export function resourceFindings(
  needs: readonly Need[],
  surroundings: KnownSurroundings,
  pool: Pool,
): readonly ResourceFinding[] {
  return needsByResource(needs).flatMap((need) => resourceFinding(need, surroundings, pool) ?? []);
}

/** Of a backend whose nodes are known. */
export type KnownSurroundings = Surroundings & { readonly backend: Backend };

function resourceFinding(need: Need, surroundings: KnownSurroundings, pool: Pool): ResourceFinding | undefined {
  const { backend } = surroundings;
  const platform = platformOf(need.resource, surroundings);
  const variables = new Map((platform?.spec.variables ?? []).map(({ name, value }) => [name, value]));
  const amounts = resolveAmounts(need.resource, platform, pool);
  const declared = platform?.spec.nodeShapes ?? [];
  const offers = nodeOffers(backend, platform);
  const failure = checkResourceRules(pool, amounts, variables, offers);
  const entry = need.resourcePath ?? `${need.path}.resource`;
  if (failure !== undefined) {
    const value = need.resourcePath === undefined ? need.resourceName : amounts;
    return { kind: failure.kind, need, path: entry, value, message: failure.message };
  }
  const unfit = unfitOf(amounts, offers, platform === undefined ? 'the backend' : platformWords(platform));
  if (unfit === undefined) return undefined;
  const { amount } = unfit;
  // An amount that is not the author's is that of the pool or the platform.
  const own = amount !== undefined && need.resource?.[amount] !== undefined;
  return {
    kind: declared.length > 0 ? 'unfit' : 'tight',
    need,
    path: own ? `${entry}.${amount}` : entry,
    value: own ? amounts[amount] : need.resourceName,
    message: unfit.message,
  };
}
