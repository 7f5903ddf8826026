import type { PoolSpecInput } from '@osmo/crds';

type ExitAction = NonNullable<PoolSpecInput['defaultExitActions']>[number];

/** Exit codes by upstream's word for the action (`{"RESCHEDULE": "137,139"}`), in the order in which actions come first. */
export function exitActionMap(actions: readonly ExitAction[]): Record<string, string> {
  const map = new Map<string, string>();
  for (const { action, exitCodes } of actions) {
    const word = action.toUpperCase();
    const known = map.get(word);
    map.set(word, known === undefined ? exitCodes : `${known},${exitCodes}`);
  }
  return Object.fromEntries(map);
}
