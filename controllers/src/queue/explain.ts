import type { Amounts } from './amounts.ts';

/** What the wait of a workflow is explained from. */
export interface WaitFacts {
  readonly pool: string;
  readonly backend: string;
  readonly connected: boolean;
  readonly since: number;
  readonly asked: Amounts;
  /** What is free of the nodes that it could run on, never below 0; undefined when that isn't known. */
  readonly free: Amounts | undefined;
  readonly ahead: number;
}

/** How long a workflow waits before that is explained, ms: most are served within it. Also the pause between two looks. */
export const explainInterval = 10_000;

/** Those with fewer ahead are told exact numbers; the others only when something has changed by much. */
const exactBelow = 10;

/** Numbers of workflows ahead that are told of a long queue: 10, 20, 50, 100, 200 … up to `most`. */
export function boundaries(most: number): number[] {
  const found: number[] = [];
  for (let ten = exactBelow; ten <= most; ten *= 10) found.push(...[1, 2, 5].map((times) => times * ten));
  return found.filter((boundary) => boundary <= most);
}

/** Whether it is near enough to the front to be looked at again and again. */
export const isNear = ({ ahead }: WaitFacts): boolean => ahead < exactBelow;

/**
 * When to look again although nothing happened to the workflow itself: soon near the front of its queue, and seldom where
 * only its backend's return could matter. The others are woken when the queue moves.
 */
export function nextLook(facts: WaitFacts, now: Date): Date | undefined {
  const first = facts.since + explainInterval;
  if (now.getTime() < first) return new Date(first);
  if (isNear(facts)) return new Date(now.getTime() + explainInterval);
  return facts.connected ? undefined : new Date(now.getTime() + 6 * explainInterval);
}

/** What a workflow waits for, in one sentence that stays the same as long as nothing changes that matters to it. */
export function explainWait(facts: WaitFacts): string {
  const { pool, backend, connected, asked, free } = facts;
  if (!connected) return `waiting for backend ${backend} of pool ${pool}, which is not connected`;
  const scarce = names.find((name) => free !== undefined && asked[name] > free[name]);
  const name = scarce ?? names.find((each) => asked[each] > 0);
  const queue = queueText(facts);
  if (name === undefined) return `waiting for pool ${pool}${queue}`;
  const rest = free === undefined || !isNear(facts) ? '' : `, ${amountText(name, free[name])} free`;
  const fits = free !== undefined && scarce === undefined && queue === '' ? ' in all; no node given yet' : '';
  return `waiting for pool ${pool}: ${asking(name, asked[name])}${rest}${fits}${queue}`;
}

const names = ['gpu', 'cpu', 'memory'] as const;
type Name = (typeof names)[number];

function queueText({ ahead }: WaitFacts): string {
  if (ahead === 0) return '';
  if (ahead < exactBelow) return `; ${ahead} ${ahead === 1 ? 'workflow' : 'workflows'} ahead`;
  return `; ${boundaries(ahead).at(-1)} workflows or more ahead`;
}

function asking(name: Name, amount: number): string {
  const text = amountText(name, amount);
  if (name === 'gpu') return `${text} ${amount === 1 ? 'GPU' : 'GPUs'} asked`;
  if (name === 'cpu') return `${text} ${amount === 1000 ? 'CPU' : 'CPUs'} asked`;
  return `${text} of memory asked`;
}

function amountText(name: Name, amount: number): string {
  if (name === 'gpu') return String(amount);
  // Less than one is told exactly: "0 asked" would be wrong.
  if (name === 'cpu') return String(amount < 1000 ? amount / 1000 : Math.floor(amount / 100) / 10);
  return amount < 2 ** 30 ? `${Math.floor(amount / 2 ** 20)} MiB` : `${Math.floor((amount / 2 ** 30) * 10) / 10} GiB`;
}
