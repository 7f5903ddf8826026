import { UpstreamPodLabels } from './constants.ts';

/** Before the slash: ours, and those by which schedulers are told queues, shards, priorities and gangs. Sub-domains count too. */
const domains = ['osmo.dev', 'kai.scheduler', 'runai', 'run.ai', 'kueue.x-k8s.io', 'volcano.sh'];
/** Without a slash: upstream's, which say whose a pod is, and what KAI takes for a priority. */
const names: ReadonlySet<string> = new Set([...Object.values(UpstreamPodLabels), 'priorityClassName']);

/**
 * Whether a label of a pod is the product's or the pool's to set: who submits could say by it that somebody else did, or take a queue,
 * nodes or a priority that their pool doesn't give them.
 */
export function isReservedLabel(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash === -1) return names.has(key);
  const domain = key.slice(0, slash).toLowerCase();
  return domains.some((each) => domain === each || domain.endsWith(`.${each}`));
}
