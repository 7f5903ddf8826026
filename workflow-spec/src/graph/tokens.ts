import { Paths } from '@osmo/crds';
import { groupServiceName, hostOfTask } from './naming.ts';
import { fanOutToken, fanOutTokens, positionOf } from './fan-out.ts';
import type { Graph, GraphTask } from './graph-shape.ts';
import { listed, problem, type Problem } from './problem.ts';
import { didYouMean, type SuggestionBudget } from './suggestion.ts';

/** What tokens are replaced with, besides the task itself. */
export interface TokenContext {
  workflow: { name: string; uid: string; namespace: string };
  graph: Graph;
}

// No inner spaces: `{{ output }}` belongs to whatever template language the user's file is in.
const token =
  /\{\{(workflow_id|output|input:([^{}\s]+)|host:([^{}\s]+)|index|count|group_index|group_count|matrix\.[^{}\s]+)\}\}/g;

/**
 * `value` with every token in every string replaced, keys excepted: `{{workflow_id}}`, `{{output}}`, `{{input:INDEX}}`,
 * `{{input:TASK}}`, `{{host:TASK}}`; in an instance of an entry also `{{index}}`, `{{count}}`, `{{group_index}}`,
 * `{{group_count}}`, `{{matrix.AXIS}}`. Anything else in braces stays as it is. Tokens that name nothing stay too;
 * `tokenProblems` has refused them before.
 */
export function replaceTokens<T>(value: T, task: GraphTask, context: TokenContext): T {
  const inputs = inputIndexes(task);
  return mapStrings(value, (text) =>
    text.replaceAll(token, (whole: string, name: string, input: string | undefined, host: string | undefined) => {
      if (name === 'workflow_id') return context.workflow.name;
      if (name === 'output') return Paths.output;
      if (input !== undefined) return inputPath(inputs, input) ?? whole;
      if (host !== undefined) return hostPath(task, host, context) ?? whole;
      return fanOutToken(name, task) ?? whole;
    }),
  );
}

/** Every token of these tasks that names an input, a peer or an axis that doesn't exist. */
export function tokenProblems(graph: Graph, tasks: readonly GraphTask[], budget: SuggestionBudget): Problem[] {
  const problems: Problem[] = [];
  for (const task of tasks) {
    const inputs = inputIndexes(task);
    forEachString(task.template, task.path, (text, path) => {
      const seen = new Set<string>();
      for (const match of text.matchAll(token)) {
        // A text may say the same wrong thing over and over.
        if (seen.has(match[0])) continue;
        seen.add(match[0]);
        const found = tokenProblem(graph, task, inputs, match, budget);
        if (found !== undefined) problems.push(problem('InvalidSpec', path, match[0], found));
        if (problems.length >= mostTokenProblems) return;
      }
    });
    if (problems.length >= mostTokenProblems) break;
  }
  return problems;
}

/** More than anyone reads; each costs a look at all inputs or peers of its task. */
const mostTokenProblems = 256;

function tokenProblem(
  graph: Graph,
  task: GraphTask,
  inputs: ReadonlyMap<string, number>,
  match: RegExpMatchArray,
  budget: SuggestionBudget,
): string | undefined {
  const [, name = '', input, host] = match;
  if (input !== undefined && inputPath(inputs, input) === undefined) {
    const names = (task.template.inputs ?? []).map((entry, index) => entry.task?.name ?? String(index));
    const meant = didYouMean(input, names, budget);
    return `the task has no such input; allowed: a number below ${names.length}, or one of: ${listed(names)}${meant}`;
  }
  if (host !== undefined && peerOf(task, host, graph) === undefined) {
    const peers = (graph.groups[task.group]?.tasks ?? []).map((peer) => peer.name);
    return `no task of the same group; allowed: ${listed(peers)}${didYouMean(host, peers, budget)}`;
  }
  // Outside of an entry these braces belong to someone else.
  const ofEntry = task.entry !== undefined && input === undefined && /^(index|count|group_|matrix\.)/.test(name);
  if (!ofEntry || fanOutToken(name, task) !== undefined) return undefined;
  return `the task has no such value; allowed: ${listed(fanOutTokens(task))}`;
}

/** Number of each input by its number and by its task's name: of several of one task, the first. */
function inputIndexes({ template }: GraphTask): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  for (const [index, { task }] of (template.inputs ?? []).entries()) {
    indexes.set(String(index), index);
    if (task !== undefined && !indexes.has(task.name)) indexes.set(task.name, index);
  }
  return indexes;
}

function inputPath(inputs: ReadonlyMap<string, number>, reference: string): string | undefined {
  const index = inputs.get(/^\d+$/.test(reference) ? String(Number(reference)) : reference);
  return index === undefined ? undefined : `${Paths.input}/${index}`;
}

function hostPath(task: GraphTask, name: string, { graph, workflow }: TokenContext): string | undefined {
  const group = graph.groups[task.group];
  const peer = peerOf(task, name, graph);
  if (group === undefined || peer === undefined) return undefined;
  return hostOfTask(peer.name, groupServiceName(workflow.uid, group.name), workflow.namespace);
}

/** The task of the same group that has this name, in full or as its author wrote it: `lead` is `lead-3` in group 3. */
function peerOf(task: GraphTask, name: string, { taskByName, entryByName, tasks }: Graph): GraphTask | undefined {
  const exact = taskByName.get(name);
  if (exact?.group === task.group) return exact;
  const entry = entryByName.get(name);
  if (entry?.inner !== undefined || entry?.outer === undefined) return undefined;
  const peer = tasks[entry.tasks[positionOf(task).outer] ?? -1];
  return peer?.group === task.group ? peer : undefined;
}

function mapStrings<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => mapStrings(item, change)) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, mapStrings<unknown>(item, change)]),
    ) as T;
  }
  return value;
}

function forEachString(value: unknown, path: string, visit: (text: string, path: string) => void): void {
  if (typeof value === 'string') return visit(value, path);
  if (Array.isArray(value)) return value.forEach((item, index) => forEachString(item, `${path}[${index}]`, visit));
  if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) forEachString(item, `${path}.${key}`, visit);
  }
}
