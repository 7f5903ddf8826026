import { createHash } from 'node:crypto';
import type { Node, Taint } from '@osmo/kube';
import { formatBytes, formatCpu, nanosOf } from '../quantity/amounts.ts';

/** What a number of nodes, or one node of a shape, can hold. */
export interface Amounts {
  cpu: string;
  memory: string;
  storage: string;
  /** Whole GPUs. */
  gpu: number;
}

export interface Shape {
  /** Depends on nothing but what the shape is; stays when nodes of it come and go. */
  id: string;
  count: number;
  available: number;
  labels: Record<string, string>;
  taints: Taint[];
  /** What every node of the shape has at least. */
  allocatable: Amounts;
}

export interface Inventory {
  nodes: { total: number; available: number };
  /** Sum of what the available nodes can give to pods. */
  capacity: Amounts;
  shapes: Shape[];
}

/** A node is available only if its conditions of that type have that status. Both are anchored regular expressions. */
export interface NodeConditionRule {
  type: string;
  status: string;
}

export const shapeLimit = 64;
const labelLimit = 64;
const taintLimit = 32;

/** Labels that tell one node from its equals. */
const perNodeLabels: ReadonlySet<string> = new Set(['kubernetes.io/hostname', 'beta.kubernetes.io/hostname']);

/** Taints that say how a node is at the moment, not what it is. */
const passingTaint =
  /^(node\.kubernetes\.io\/(not-ready|unreachable|unschedulable|memory-pressure|disk-pressure|pid-pressure|network-unavailable|out-of-service)|node\.cloudprovider\.kubernetes\.io\/.*|ToBeDeletedByClusterAutoscaler|DeletionCandidateOfClusterAutoscaler)$/;

/**
 * Counts, capacity and shapes (at most 64) of a cluster's nodes, the same for the same nodes in any order.
 *
 * Machines of one kind differ by a few KiB of memory: for the shape, memory counts in whole GiB and storage in steps of
 * 16 GiB, and a shape claims what its smallest node has. A cluster with more shapes than that loses the labels with the
 * most different values first, then its smallest shapes.
 */
export function summarise(nodes: readonly Node[], rules: readonly NodeConditionRule[] = []): Inventory {
  const isAvailable = availability(rules);
  const members = nodes.map((node) => describe(node, isAvailable(node)));
  const available = members.filter((member) => member.available);
  return {
    nodes: { total: members.length, available: available.length },
    capacity: format(available.reduce((sum, { amounts }) => combine(sum, amounts, (a, b) => a + b), nothing)),
    shapes: shapesOf(members),
  };
}

interface Values {
  cpu: bigint;
  memory: bigint;
  storage: bigint;
  gpu: bigint;
}

interface Member {
  available: boolean;
  labels: Record<string, string>;
  taints: Taint[];
  amounts: Values;
}

const nothing: Values = { cpu: 0n, memory: 0n, storage: 0n, gpu: 0n };

function describe(node: Node, available: boolean): Member {
  const allocatable = node.status?.allocatable ?? {};
  const amount = (name: string) => nanosOf(allocatable[name] ?? '0') ?? 0n;
  return {
    available,
    labels: telling(node.metadata.labels ?? {}),
    taints: (node.spec?.taints ?? [])
      .filter(({ key }) => !passingTaint.test(key))
      .map(({ key, value, effect }) => ({ key, ...(value === undefined ? {} : { value }), effect }))
      .toSorted((a, b) => compare(canonical(a), canonical(b)))
      .slice(0, taintLimit),
    amounts: {
      cpu: amount('cpu'),
      memory: amount('memory'),
      storage: amount('ephemeral-storage'),
      gpu: amount('nvidia.com/gpu'),
    },
  };
}

/**
 * The labels that tell what a node is: not those that name it, and at most 64. Feature discovery alone may set more than
 * a hundred, so its go first, then the last by name.
 */
function telling(labels: Record<string, string>): Record<string, string> {
  const own = Object.entries(labels).filter(([key]) => !perNodeLabels.has(key));
  const discovered = ([key]: [string, string]) => (key.startsWith('feature.node.kubernetes.io/') ? 1 : 0);
  const first = own.toSorted((a, b) => discovered(a) - discovered(b) || compare(a[0], b[0]));
  return Object.fromEntries(first.slice(0, labelLimit));
}

/**
 * A node is available when it is Ready, takes pods, and every condition that a rule's type matches has a status that the
 * rule's status matches. A rule that is no regular expression makes no node available: it can't be shown to hold.
 */
function availability(rules: readonly NodeConditionRule[]): (node: Node) => boolean {
  const compiled = rules.map((rule) => ({ type: anchored(rule.type), status: anchored(rule.status) }));
  return (node) => {
    const conditions = node.status?.conditions ?? [];
    const ready = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
    if (!ready || node.spec?.unschedulable === true || node.metadata.deletionTimestamp !== undefined) return false;
    return compiled.every(({ type, status }) => {
      if (type === undefined || status === undefined) return false;
      return conditions.every((condition) => !type.test(condition.type) || status.test(condition.status));
    });
  };
}

function anchored(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return undefined;
  }
}

function shapesOf(members: readonly Member[]): Shape[] {
  let reduced = members;
  let groups = group(reduced);
  while (groups.size > shapeLimit) {
    const label = mostVaried(reduced);
    if (label === undefined) break;
    reduced = reduced.map((member) => ({ ...member, labels: without(member.labels, label) }));
    groups = group(reduced);
  }
  return [...groups]
    .map(([key, same]) => shapeOf(key, same))
    .toSorted((a, b) => b.count - a.count || compare(a.id, b.id))
    .slice(0, shapeLimit)
    .toSorted((a, b) => compare(a.id, b.id));
}

function group(members: readonly Member[]): Map<string, Member[]> {
  return Map.groupBy(members, ({ labels, taints, amounts }) => canonical({ labels, taints, amounts: steps(amounts) }));
}

function steps({ cpu, memory, storage, gpu }: Values): Record<string, string> {
  const gib = (1n << 30n) * 1_000_000_000n;
  return {
    cpu: String(cpu),
    memory: String(memory / gib),
    storage: String(storage / (16n * gib)),
    gpu: String(gpu),
  };
}

function shapeOf(key: string, members: readonly Member[]): Shape {
  const first = members[0] ?? { labels: {}, taints: [], amounts: nothing };
  const least = members.reduce((min, { amounts }) => combine(min, amounts, (a, b) => (a < b ? a : b)), first.amounts);
  return {
    id: createHash('sha256').update(key).digest('hex').slice(0, 12),
    count: members.length,
    available: members.filter(({ available }) => available).length,
    labels: Object.fromEntries(Object.entries(first.labels).toSorted(([a], [b]) => compare(a, b))),
    taints: first.taints,
    allocatable: format(least),
  };
}

/** The label whose removal joins most: the one with the most different values; the last by name among equals. */
function mostVaried(members: readonly Member[]): string | undefined {
  const values = new Map<string, Set<string>>();
  for (const { labels } of members) {
    for (const [key, value] of Object.entries(labels)) values.set(key, (values.get(key) ?? new Set()).add(value));
  }
  return [...values].toSorted(([a, x], [b, y]) => y.size - x.size || compare(b, a))[0]?.[0];
}

function without(labels: Record<string, string>, key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== key));
}

function combine(a: Values, b: Values, by: (x: bigint, y: bigint) => bigint): Values {
  return {
    cpu: by(a.cpu, b.cpu),
    memory: by(a.memory, b.memory),
    storage: by(a.storage, b.storage),
    gpu: by(a.gpu, b.gpu),
  };
}

function format({ cpu, memory, storage, gpu }: Values): Amounts {
  return {
    cpu: formatCpu(cpu),
    memory: formatBytes(memory),
    storage: formatBytes(storage),
    gpu: Number(gpu / 1_000_000_000n),
  };
}

/** JSON with sorted keys: equal for equal values. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => compare(a, b)))
      : inner,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
