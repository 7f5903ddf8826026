import { formatBytes, nanosOf } from '../quantity/amounts.ts';
import { groupOfTask, groupUuid } from './identity.ts';
import { containerNameOf } from './names.ts';
import type { Task } from './task.ts';
import type { Variable, Variables } from './template-variables.ts';

const suffixes = { B: 0n, Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n } as const;

/**
 * The variables that pod templates can use, for one attempt of a task: the platform's own, and over them those that
 * describe the task, under upstream's names. What the task leaves open, the platform's variable of that name says.
 */
export function templateVariables(task: Task, attempt: number): Variables {
  const { spec, metadata } = task;
  const group = groupOfTask(task);
  const text = (quantity: string | number | undefined) => (quantity === undefined ? undefined : String(quantity));
  const { cpu, memory, storage } = spec.resources;
  const own: [string, Variable][] = [
    ['USER_CPU', text(cpu)],
    ['USER_GPU', spec.resources.gpu ?? 0],
    ...amount('USER_MEMORY', text(memory)),
    ...amount('USER_STORAGE', text(storage)),
    ['USER_CACHE', cacheSize(spec.cacheSize, text(storage))],
    ['USER_EXCLUDED_NODES', spec.scheduling.nodesExcluded ?? []],
    ['USER_CONTAINER_NAME', containerNameOf(spec.taskName)],
    ['WF_ID', spec.workflow.name],
    ['WF_UUID', spec.workflow.uid],
    ['WF_GROUP_NAME', spec.group.name],
    ['WF_GROUP_UUID', groupUuid(group)],
    ['WF_SUBMITTED_BY', spec.submittedBy],
    ['WF_TASK_NAME', spec.taskName],
    ['WF_TASK_UUID', metadata.uid],
    ['WF_RETRY_ID', attempt],
    ['WF_POOL', spec.pool],
    ['WF_PLATFORM', spec.platform],
    ['WF_PRIORITY', spec.priority.toUpperCase()],
    ['WF_LEAD_CONTAINER', String(spec.lead)],
  ];
  const defaults = (spec.variables ?? []).map(({ name, value }): [string, Variable] => [name, value]);
  const named = new Set(defaults.map(([name]) => name));
  return new Map([...defaults, ...own.filter(([name, value]) => value !== undefined || !named.has(name))]);
}

/** `NAME`, its number and unit apart, and its value in each binary unit. */
function amount(name: string, quantity: string | undefined): [string, Variable][] {
  const nanos = quantity === undefined ? undefined : nanosOf(quantity);
  const [, value, unit] = /^([\d.]+)([A-Za-z]*)$/.exec(quantity ?? '') ?? [];
  return [
    [name, quantity],
    [`${name}_VAL`, value],
    [`${name}_UNIT`, unit],
    ...Object.entries(suffixes).map(([suffix, shift]): [string, Variable] => [
      `${name}_${suffix}`,
      nanos === undefined ? undefined : Number(nanos / 1_000_000_000n) / Number(1n << shift),
    ]),
  ];
}

/** The size of a task's cache: a share of its storage in percent, or a size; 90 % of its storage if it doesn't say. */
function cacheSize(size: string | undefined, storage: string | undefined): string | undefined {
  const percent = /^(\d{1,3})%$/.exec(size ?? '90%')?.[1];
  if (percent === undefined) return size;
  const nanos = storage === undefined ? undefined : nanosOf(storage);
  return nanos === undefined ? undefined : formatBytes((nanos * BigInt(percent)) / 100n);
}
