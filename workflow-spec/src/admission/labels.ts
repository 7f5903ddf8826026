import { isReservedLabel, type LabelPolicy, type Pool, type WorkflowSpec } from '@osmo/crds';
import { listed, problem, type Problem } from '../graph/problem.ts';
import { didYouMean, type SuggestionBudget } from '../graph/suggestion.ts';

/** A label that breaks a policy of the pool, and whether the pool refuses that. */
export interface LabelFinding {
  readonly problem: Problem;
  readonly enforced: boolean;
}

/** What the label policies of the pool say about the labels of a workflow, and which of them its pods don't get. */
export function labelFindings({ labels = {} }: WorkflowSpec, pool: Pool, budget: SuggestionBudget): LabelFinding[] {
  const name = JSON.stringify(pool.metadata.name);
  const reserved = Object.keys(labels).filter(isReservedLabel);
  const left = reserved.map((key): LabelFinding => {
    const detail = 'for OSMO or the pool to set, so that pods are without it; choose another key';
    return {
      problem: problem('InvalidSpec', `spec.labels[${JSON.stringify(key)}]`, labels[key], detail),
      enforced: false,
    };
  });
  const found = (pool.spec.labelPolicies ?? []).flatMap((policy) => {
    const value = Object.hasOwn(labels, policy.key) ? labels[policy.key] : undefined;
    const what = labelDetail(policy, value, budget);
    if (what === undefined) return [];
    const reason = policy.message === undefined ? '' : `: ${policy.message}`;
    const path = `spec.labels[${JSON.stringify(policy.key)}]`;
    const wrong = problem('InvalidSpec', path, value, `pool ${name} ${what}${reason}`);
    return [{ problem: wrong, enforced: policy.enforcement === 'Enforce' }];
  });
  return [...left, ...found];
}

function labelDetail(
  { required, allowed }: LabelPolicy,
  value: string | undefined,
  budget: SuggestionBudget,
): string | undefined {
  const values = allowed === undefined ? '' : `; allowed: ${listed(allowed, 16)}`;
  if (value === undefined) return required ? `requires this label${values}` : undefined;
  if (allowed === undefined || allowed.includes(value)) return undefined;
  return `doesn't allow this value${values}${didYouMean(value, allowed, budget)}`;
}
