import { upstreamStatuses, upstreamWorkflowStatus, type Workflow } from '@osmo/crds';
import { originTest } from '../apps/marks.ts';
import { badRequest } from '../http/errors.ts';
import type { Values } from '../http/operation.ts';
import { glob } from './glob.ts';
import { submitterOf, tagsOf } from './view.ts';

/** The query of a list of workflows. */
export const listParameters = {
  users: { type: 'texts', description: 'Only of these users; the caller when neither this nor all_users is given.' },
  all_users: { type: 'boolean', description: 'Of all users.' },
  name: { type: 'text', description: 'Only whose name holds this text; `*` stands for anything.' },
  statuses: { type: 'texts', description: 'Only in one of these states.', enum: upstreamStatuses },
  pools: { type: 'texts', description: 'Only in these pools.' },
  all_pools: { type: 'boolean', description: 'In all pools, as when no pool is named.' },
  priority: { type: 'texts', description: 'Only of these priorities.', enum: ['HIGH', 'NORMAL', 'LOW'] },
  tags: { type: 'texts', description: 'Only with one of these tags.' },
  label: {
    type: 'texts',
    description: 'Only with these labels: KEY=VALUE, where the value may hold `*` and `(a|b)`; all of them.',
  },
  no_label: { type: 'texts', description: 'Only without these labels, by key.' },
  app: { type: 'text', description: 'Only made of this app: NAME, or NAME:VERSION.' },
  submitted_after: { type: 'time', description: 'Only submitted at or after this time.' },
  submitted_before: { type: 'time', description: 'Only submitted before this time.' },
  namespace: { type: 'text', description: 'Only in this namespace; in all that the caller may read when not given.' },
  order: { type: 'text', description: 'ASC: oldest first; DESC: newest first, the default.', enum: ['ASC', 'DESC'] },
  offset: { type: 'integer', description: 'How many to leave out at the front.', minimum: 0, maximum: 10_000_000 },
  limit: { type: 'integer', description: 'Most to answer; 20 when not given.', minimum: 1, maximum: 1000 },
} as const;

type Test = (workflow: Workflow) => boolean;

/**
 * The test that a query asks of each workflow.
 *
 * @throws RequestError 400 for a label that is no KEY=VALUE or holds a pattern that can't be read
 */
export function workflowFilter(query: Values<typeof listParameters>, caller: string): Test {
  const tests = [
    usersTest(query, caller),
    nameTest(query.name),
    among(query.statuses, upstreamWorkflowStatus),
    query.all_pools === true ? undefined : among(query.pools, ({ spec }) => spec.pool),
    among(query.priority, ({ spec }) => spec.priority.toUpperCase()),
    query.tags.length === 0
      ? undefined
      : (workflow: Workflow) => tagsOf(workflow).some((tag) => query.tags.includes(tag)),
    ...query.label.map(labelTest),
    ...query.no_label.map(
      (key): Test =>
        ({ spec }) =>
          spec.labels?.[key] === undefined,
    ),
    query.app === undefined ? undefined : originTest(query.app),
    since(query.submitted_after, query.submitted_before),
  ].filter((test) => test !== undefined);
  return (workflow) => tests.every((test) => test(workflow));
}

/** Whose workflows a query asks for, unless it asks for those of all. */
export function usersOf({ users }: Pick<Values<typeof listParameters>, 'users'>, caller: string): readonly string[] {
  return users.length > 0 ? users : [caller];
}

function usersTest(query: Values<typeof listParameters>, caller: string): Test | undefined {
  return query.all_users === true ? undefined : among(usersOf(query, caller), submitterOf);
}

function among(allowed: readonly string[], read: (workflow: Workflow) => string): Test | undefined {
  if (allowed.length === 0) return undefined;
  const set = new Set(allowed);
  return (workflow) => set.has(read(workflow));
}

/**
 * The test that a query asks of the name of each workflow.
 *
 * @returns undefined where any name will do
 * @throws RequestError 400 for a pattern that can't be read
 */
export function nameFilter(pattern: string | undefined): ((name: string) => boolean) | undefined {
  if (pattern === undefined) return undefined;
  const matches = glob(`*${pattern}*`);
  if (matches === undefined)
    throw badRequest(`name: ${JSON.stringify(pattern.slice(0, 64))}: parentheses must match, as in (a|b)`);
  return matches;
}

function nameTest(pattern: string | undefined): Test | undefined {
  const matches = nameFilter(pattern);
  return matches && (({ metadata }) => matches(metadata.name));
}

function labelTest(text: string): Test {
  const at = text.indexOf('=');
  const key = text.slice(0, at);
  const matches = at < 1 ? undefined : glob(text.slice(at + 1));
  if (matches === undefined) {
    throw badRequest(
      `label: ${JSON.stringify(text.slice(0, 64))}: must be KEY=VALUE, where VALUE may hold * and (a|b)`,
    );
  }
  return ({ spec }) => {
    const value = spec.labels?.[key];
    return value !== undefined && matches(value);
  };
}

function since(after: Date | undefined, before: Date | undefined): Test | undefined {
  if (after === undefined && before === undefined) return undefined;
  const from = after && firstSecondFrom(after);
  const to = before && firstSecondFrom(before);
  return ({ metadata: { creationTimestamp: time = '' } }) =>
    time !== '' && (from === undefined || time >= from) && (to === undefined || time < to);
}

/**
 * The first whole second that is not before a time, as the apiserver writes the seconds in which objects were made, so that texts
 * can be compared.
 */
function firstSecondFrom(time: Date): string {
  // Later years have a sign, which texts are not compared by.
  const seconds = Math.min(Math.ceil(time.getTime() / 1000), Date.UTC(9999, 11, 31, 23, 59, 59) / 1000);
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
