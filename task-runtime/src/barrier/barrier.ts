import { lead } from './lead.ts';
import type { BarrierSettings } from './settings.ts';
import { follow } from './task.ts';
import type { World } from './world.ts';

/**
 * Returns when every task of the group is at its barrier: the lead listens, the others come to it. It waits as long as it
 * takes; how long that may be is decided by those who made the pod.
 *
 * @throws the signal's reason when it aborts first
 */
export async function barrier(settings: BarrierSettings, world: World, signal: AbortSignal): Promise<void> {
  if (settings.size <= 1) return;
  if (settings.lead) await lead(settings, world, signal);
  else await follow(settings, world, signal);
}
