import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeComponents, type NodeComponent } from './commands.ts';
import type { Layout } from './layout.ts';
import { runInNode } from './namespace.ts';

/**
 * Checks a component's name.
 *
 * @throws RangeError naming what is allowed.
 */
export function nodeComponent(name: string): NodeComponent {
  const known = nodeComponents.find((candidate) => candidate === name || candidate === `kube-${name}`);
  if (!known) throw new RangeError(`component ${JSON.stringify(name)}: allowed are ${nodeComponents.join(', ')}`);
  return known;
}

/** PID of a component inside the node; undefined while it is down. */
export function componentPid(layout: Layout, component: NodeComponent): number | undefined {
  try {
    return Number(readFileSync(join(layout.pids, component), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** Sends a signal to a component, which its supervisor starts again a second after its end. False when it is down. */
export async function signalComponent(layout: Layout, component: NodeComponent, signal: string): Promise<boolean> {
  const pid = componentPid(layout, component);
  if (pid === undefined) return false;
  const sent = await runInNode(layout, ['kill', '-s', signal.replace(/^SIG/, ''), String(pid)], { allowFailure: true });
  if (sent.code !== 0 && !/No such process/.test(sent.stderr)) throw new Error(`${component}: ${sent.stderr.trim()}`);
  return sent.code === 0;
}

/** Kills a component and keeps it down until `resumeComponent`. */
export async function pauseComponent(layout: Layout, component: NodeComponent): Promise<void> {
  mkdirSync(layout.paused, { recursive: true });
  writeFileSync(join(layout.paused, component), '');
  await signalComponent(layout, component, 'KILL');
}

/** Lets a paused component start again. */
export function resumeComponent(layout: Layout, component: NodeComponent): void {
  rmSync(join(layout.paused, component), { force: true });
}

/** Whether a component is held down. */
export function isPaused(layout: Layout, component: NodeComponent): boolean {
  return existsSync(join(layout.paused, component));
}
