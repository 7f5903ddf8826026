import { createHash } from 'node:crypto';
import { Names } from '@osmo/crds';
import { dnsLabel } from './names.ts';
import type { Task } from './task.ts';

/** Where pods are to be placed together, in KAI's words. */
export interface TopologyConstraint {
  /** Name of the `Topology` (`kai.scheduler`), whose levels are labels of nodes. */
  topology: string;
  /** All in one domain of this level; else they get no nodes. */
  requiredTopologyLevel?: string;
  /** In one domain of this level if that is possible. */
  preferredTopologyLevel?: string;
}

/** A part of a gang: pods, or smaller parts, that are placed together. */
export interface SubGroup {
  name: string;
  /** The part that it is a part of. */
  parent?: string;
  /** How many pods of it get nodes together; of parts that consist of pods. */
  minMember?: number;
  topologyConstraint?: TopologyConstraint;
}

/** The parts of its gang that the task's pod belongs to, from the largest to the smallest; none without topology. */
export function subgroupsOf(task: Task): SubGroup[] {
  const { topology = [] } = task.spec.scheduling;
  const names = topology.map((_, index) => nameOf(topology.slice(0, index + 1)));
  return topology.map(({ label, requirement }, index) => {
    const parent = names[index - 1];
    return {
      name: names[index] ?? '',
      ...(parent === undefined ? {} : { parent }),
      topologyConstraint: {
        topology: topologyNameOf(task),
        ...(requirement === 'Required' ? { requiredTopologyLevel: label } : { preferredTopologyLevel: label }),
      },
    };
  });
}

/** The smallest part of its gang that the task's pod belongs to, by which KAI knows where it belongs. */
export function subgroupOf(task: Task): string | undefined {
  return subgroupsOf(task).at(-1)?.name;
}

/**
 * The parts of a gang, larger ones first, each with the number of its pods; parts of which no pod is left are left out, since
 * they could never be whole again.
 */
export function subgroupsOfAll(tasks: readonly Task[]): SubGroup[] {
  const parts = new Map<string, SubGroup>();
  for (const task of tasks) {
    const own = subgroupsOf(task);
    for (const [index, part] of own.entries()) {
      const known = parts.get(part.name) ?? part;
      const isLeaf = index === own.length - 1;
      parts.set(part.name, isLeaf ? { ...known, minMember: (known.minMember ?? 0) + 1 } : known);
    }
  }
  return [...parts.values()];
}

/** Upstream's name of the topology of a pool. */
function topologyNameOf({ metadata, spec }: Task): string {
  return `${Names.queuePrefix}${metadata.namespace ?? ''}-${spec.pool}-topology`;
}

/**
 * Name of a part by where it is: each pod is labelled with it before anything is known of the others. Tasks that name the same
 * groups for the same keys come to the same part.
 */
function nameOf(path: readonly { key: string; group: string }[]): string {
  const digest = createHash('sha256').update(JSON.stringify(path.map(({ key, group }) => [key, group])));
  return `${dnsLabel(path.at(-1)?.group ?? '', 40, 'place')}-${digest.digest('hex').slice(0, 10)}`;
}
