import { WorkflowReasons } from '@osmo/crds';
import type { Backend, Pool, WorkflowSpec } from '@osmo/crds';
import {
  type Need,
  permissionProblems,
  platformFinding,
  poolFinding,
  quotaProblems,
  resourceFindings,
  type Surroundings,
} from '@osmo/workflow-spec/admission';
import { newSuggestionBudget, problemsMessage } from '@osmo/workflow-spec/graph';

/**
 * 'waits': an administrator can mend it, and the workflow then runs. 'refused': only its author can, by submitting another
 * one.
 */
export type Admission =
  | { readonly verdict: 'admitted'; readonly pool: Pool; readonly backend: Backend }
  | { readonly verdict: 'waits' | 'refused'; readonly reason: string; readonly message: string };

const messageLength = 2048;

const poolReasons = {
  noPool: WorkflowReasons.poolNotFound,
  maintenance: WorkflowReasons.poolNotReady,
  noBackend: WorkflowReasons.backendNotFound,
} as const;

/**
 * Whether Tasks may be created now. `started`: some were already, so only what is needed to resolve more of them is
 * asked; maintenance or tighter rules stop no workflow in the middle. A backend that is not connected keeps nothing back:
 * its operator finds the Tasks when it returns.
 *
 * What refuses a submission is asked again here, by the same functions: it may have been let through when the webhook was
 * not there, or the pool may have changed since. A platform that the pool doesn't have is then waited for: a pool can get
 * it any time.
 */
export function admit(
  spec: WorkflowSpec,
  needs: readonly Need[],
  surroundings: Surroundings,
  started: boolean,
): Admission {
  const state = poolFinding(surroundings, started);
  if (state !== undefined) return waits(poolReasons[state.kind], state.message);
  const { pool, backend } = surroundings;
  // Both are there, or the line above has said so.
  if (pool === undefined || backend === undefined) return waits(WorkflowReasons.poolNotFound, '');
  const budget = newSuggestionBudget();
  for (const need of needs) {
    const missing = platformFinding(need, surroundings, budget);
    if (missing !== undefined)
      return waits(WorkflowReasons.platformNotFound, problemsMessage([missing.problem], messageLength));
  }
  if (started) return { verdict: 'admitted', pool, backend };
  const forbidden = needs.flatMap((need) => permissionProblems(need, surroundings));
  if (forbidden.length > 0) return refused(WorkflowReasons.notAllowed, problemsMessage(forbidden, messageLength));
  const verdict = resourceVerdict(needs, { ...surroundings, backend }, pool);
  if (verdict !== undefined) return verdict;
  const over = quotaProblems(spec, surroundings);
  if (over.length > 0) return refused(WorkflowReasons.resourceRule, problemsMessage(over, messageLength));
  return { verdict: 'admitted', pool, backend };
}

const waits = (reason: string, message: string): Admission => ({ verdict: 'waits', reason, message });
const refused = (reason: string, message: string): Admission => ({ verdict: 'refused', reason, message });

function resourceVerdict(
  needs: readonly Need[],
  surroundings: Surroundings & { readonly backend: Backend },
  pool: Pool,
): Admission | undefined {
  for (const { kind, need, message } of resourceFindings(needs, surroundings, pool)) {
    const others = need.tasks > 1 ? ` and ${need.tasks - 1} more` : '';
    if (kind === 'rule') return waits(WorkflowReasons.unsupported, message);
    if (kind === 'unknown') return waits(WorkflowReasons.poolNotReady, message);
    if (kind === 'unfit') return refused(WorkflowReasons.resourceRule, `${need.path}${others}: ${message}`);
    // 'tight': its Tasks wait in the queue, where everyone sees what for.
  }
  return undefined;
}
