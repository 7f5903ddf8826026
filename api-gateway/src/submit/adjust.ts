import type { WorkflowSpecInput } from '@osmo/crds';
import { badRequest } from '../http/errors.ts';

/** What the parameters of a submission say beside the recipe; they win over it. */
export interface Adjustments {
  pool: string;
  priority?: string | undefined;
  /** `KEY=VALUE`. */
  labels: readonly string[];
  /** `KEY=VALUE`, for every task. */
  variables: readonly string[];
}

/**
 * The spec as it is submitted.
 *
 * @throws RequestError 400 for something that is no KEY=VALUE
 */
export function adjusted(
  spec: WorkflowSpecInput,
  { pool, priority, labels, variables }: Adjustments,
): WorkflowSpecInput {
  const more = pairs('label', labels);
  const env = pairs('env_vars', variables);
  const withEnv = <T extends { env?: { name: string; value: string }[] | undefined }>(task: T): T => {
    if (env.size === 0) return task;
    const known = (task.env ?? []).filter(({ name }) => !env.has(name));
    return { ...task, env: [...known, ...[...env].map(([name, value]) => ({ name, value }))] };
  };
  return {
    ...spec,
    pool,
    ...(priority !== undefined && { priority: words[priority] ?? 'Normal' }),
    ...(more.size > 0 && { labels: { ...spec.labels, ...Object.fromEntries(more) } }),
    ...(spec.tasks !== undefined && { tasks: spec.tasks.map(withEnv) }),
    ...(spec.groups !== undefined && {
      groups: spec.groups.map((group) => ({ ...group, tasks: group.tasks.map(withEnv) })),
    }),
  };
}

const words: Readonly<Record<string, 'High' | 'Normal' | 'Low'>> = { HIGH: 'High', NORMAL: 'Normal', LOW: 'Low' };

/** Names and values; the value is all behind the first `=`. */
function pairs(parameter: string, texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      // The value may be a secret, so that only the name is repeated.
      if (at < 1) throw badRequest(`${parameter}: ${JSON.stringify(text.slice(0, 16))}…: must be KEY=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)] as const;
    }),
  );
}
