import type { MatrixAxis, TaskTemplate } from '@osmo/crds';
import type { FanOut, GraphEntry, GraphTask } from './graph-shape.ts';

/** Position within the group's and within the task's own fan-out; 0 where there is none. */
export interface Position {
  readonly outer: number;
  readonly inner: number;
}

/** Where an instance is within its entry. */
export function positionOf({ entry, instance }: Pick<GraphTask, 'entry' | 'instance'>): Position {
  const inner = entry?.inner?.size ?? 1;
  return { outer: Math.floor(instance / inner), inner: instance % inner };
}

/**
 * Number of the instance of `from` that has the same index as `task`: the same among as many, or that of its group when
 * `from` has as many instances as there are groups. Undefined when neither fits.
 */
export function sameInstance(task: Pick<GraphTask, 'entry' | 'instance'>, from: GraphEntry): number | undefined {
  if (task.entry === undefined) return undefined;
  if (task.entry.size === from.size) return task.instance;
  return task.entry.outer?.size === from.size ? positionOf(task).outer : undefined;
}

/** What stands for a token of an instance; undefined when it is none: `index`, `count`, `group_index`, `group_count`, `matrix.AXIS`. */
export function fanOutToken(name: string, task: Pick<GraphTask, 'entry' | 'instance'>): string | undefined {
  const { entry } = task;
  if (entry === undefined) return undefined;
  const { outer, inner } = positionOf(task);
  switch (name) {
    case 'index':
      return String(entry.inner === undefined ? outer : inner);
    case 'count':
      return String((entry.inner ?? entry.outer)?.size);
    case 'group_index':
      return entry.outer && String(outer);
    case 'group_count':
      return entry.outer && String(entry.outer.size);
    default:
      return name.startsWith('matrix.') ? axisValues(task).get(name.slice('matrix.'.length)) : undefined;
  }
}

/** Tokens that an instance may use, for messages. */
export function fanOutTokens({ entry }: Pick<GraphTask, 'entry'>): string[] {
  if (entry === undefined) return [];
  const axes = [...(entry.outer?.axes ?? []), ...(entry.inner?.axes ?? [])].map(({ name }) => `matrix.${name}`);
  return ['index', 'count', ...(entry.outer === undefined ? [] : ['group_index', 'group_count']), ...axes];
}

/** Environment of an instance, but for names that the author took. */
export function fanOutEnv(
  task: Pick<GraphTask, 'entry' | 'instance'>,
  own: TaskTemplate['env'],
): NonNullable<TaskTemplate['env']> {
  if (task.entry === undefined) return [];
  const taken = new Set((own ?? []).map(({ name }) => name));
  const all = fanOutTokens(task).map((token) => ({
    name: `OSMO_${token.replace('.', '_').toUpperCase()}`,
    value: fanOutToken(token, task) ?? '',
  }));
  return all.filter(({ name }) => !taken.has(name));
}

function axisValues(task: Pick<GraphTask, 'entry' | 'instance'>): Map<string, string> {
  const { outer, inner } = positionOf(task);
  return new Map([...valuesAt(task.entry?.outer, outer), ...valuesAt(task.entry?.inner, inner)]);
}

/** The last axis changes first, as the digits of a number do. */
function valuesAt(fanOut: FanOut | undefined, position: number): [string, string][] {
  let rest = position;
  return (fanOut?.axes ?? []).toReversed().map(({ name, values }: MatrixAxis): [string, string] => {
    const value = values[rest % values.length] ?? '';
    rest = Math.floor(rest / values.length);
    return [name, value];
  });
}
