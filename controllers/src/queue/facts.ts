import { ConditionTypes } from '@osmo/crds';
import type { Backend, Condition, Platform } from '@osmo/crds';
import { findCondition } from '../conditions.ts';
import { type Amounts, capacityOf } from './amounts.ts';
import type { WaitFacts } from './explain.ts';
import type { Wait } from './pool-queues.ts';

/** Joins what Tasks tell about a wait with what its backend says about nodes. */
export function waitFacts(wait: Wait, backend: Backend | undefined, platform: Platform | undefined): WaitFacts {
  const { pool, since, asked, ahead } = wait;
  const connection = findCondition(backend?.status?.conditions, ConditionTypes.connected);
  const isKnown = backend?.status?.shapes !== undefined && (wait.platform === undefined || platform !== undefined);
  return {
    pool,
    backend: wait.backend,
    connected: connection?.status !== 'False',
    since,
    asked,
    free: isKnown ? difference(capacityOf(backend, platform), wait.placed) : undefined,
    ahead,
  };
}

/**
 * The same, of a workflow with these conditions: who was admitted or resumed (Admitted) or is run again (Succeeded) has
 * waited since then, however old its Tasks are.
 */
export function sinceItMay(facts: WaitFacts, conditions: readonly Condition[]): WaitFacts {
  const times = conditions.map(({ lastTransitionTime }) => Date.parse(lastTransitionTime) || 0);
  return { ...facts, since: Math.max(facts.since, ...times) };
}

// More may be placed than is usable: nodes were cordoned since.
function difference(a: Amounts, b: Amounts): Amounts {
  const left = (name: keyof Amounts): number => Math.max(0, a[name] - b[name]);
  return { gpu: left('gpu'), cpu: left('cpu'), memory: left('memory') };
}
