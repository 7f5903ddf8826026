import { validateWorkflow, type WorkflowInput, type WorkflowSpec, type WorkflowSpecInput } from '@osmo/crds';
import { problemsByItself } from '../admission/by-itself.ts';
import { answerOf, mostProblems } from '../admission/order.ts';
import type { Problem } from '../graph/problem.ts';
import type { PlacedProblem } from './node-reader.ts';
import type { ReadContext } from './read-context.ts';
import { unreadInput, unreadTask, withStandIns } from './stand-ins.ts';
import { namesKnown, type Told } from './told.ts';

/** Something that is wrong with a field of the Workflow, by the Workflow's path. */
interface Finding {
  readonly path: string;
  readonly message: string;
  readonly value?: unknown;
}

/**
 * What the schema of the API and the rules say of a Workflow besides what its readers said, told of the recipe's fields. Where there are problems
 * already, stand-ins are in the Workflow: what is only wrong because of them isn't told.
 */
export function furtherProblems(workflow: WorkflowInput, context: ReadContext): PlacedProblem[] {
  const { told } = context.reader;
  const names = namesOf(workflow.spec);
  // A name that is none is told of where it is given, not where it is used.
  const refused = validateWorkflow(workflow).filter(({ path, value }) => !isReference(path) || !names.has(value));
  const ofPath = new Map(refused.toReversed().map((each) => [each.path, each]));
  const bySchema = untold(
    refused.filter((each) => ofPath.get(each.path) === each),
    context,
  );
  // Nobody mends so many before asking again.
  if (refused.length > mostProblems) return bySchema;
  const spec = judgeable(withStandIns(workflow.spec, refused));
  if (spec === undefined) return bySchema;
  const found = problemsByItself(spec).filter((problem) => !isConsequence(problem, spec, told));
  return [...bySchema, ...untold(answerOf(found), context)];
}

/** By their places in the recipe, but for what something was said of already. */
function untold(findings: readonly Finding[], { origins, reader }: ReadContext): PlacedProblem[] {
  const problems = findings.flatMap(({ path, message, value }) => {
    const placed = origins.placed(path);
    const at = placed?.path ?? path;
    if (reader.told.covers(at)) return [];
    const shown = isSingle(value) ? { value } : {};
    return [{ path: at, message, ...(placed && { offset: placed.field.node.offset }), ...shown }];
  });
  for (const { path } of problems) reader.told.place(path);
  return problems;
}

const isSingle = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** The spec as rules take it, with tasks in each group of which one leads: which it should be was told. Undefined when there is no task. */
function judgeable(spec: WorkflowSpecInput): WorkflowSpec | undefined {
  if ((spec.tasks ?? []).length + (spec.groups ?? []).length === 0) return undefined;
  const groups = spec.groups?.map((group, index) => ({
    ...group,
    tasks: group.tasks.length === 0 ? [unreadTask(`spec.groups[${index}].tasks`)] : withOneLead(group.tasks),
  }));
  // What the schema fills in, the rules take as it is when it is left out.
  return { ...spec, groups } as WorkflowSpec;
}

function withOneLead<T extends { lead?: boolean | undefined }>(tasks: readonly T[]): T[] {
  if (tasks.filter(({ lead }) => lead).length === 1) return [...tasks];
  return tasks.map((task, index) => ({ ...task, lead: index === 0 }));
}

/** Whether something names what could not be read, or might. */
function isConsequence({ path, given }: Problem, spec: WorkflowSpec, told: Told): boolean {
  const name = typeof given === 'string' ? given : '';
  const { allTasks, allResources } = namesKnown(told);
  if (name.startsWith('{{input:')) return isOfUnreadInput(name, path, spec, told);
  if (name.startsWith('{{host:')) return !allTasks;
  if (isReference(path)) return !allTasks && !namesOf(spec).has(name);
  if (path.endsWith('.resource')) return !allResources;
  return false;
}

/** Numbers of inputs are known where there is a list; the names that could not be read are not. */
function isOfUnreadInput(token: string, path: string, { tasks, groups }: WorkflowSpec, told: Told): boolean {
  const [, at = '', group, task = ''] = /^spec((?:\.groups\[(\d+)\])?\.tasks\[(\d+)\])/.exec(path) ?? [];
  if (told.covers(`workflow${at}.inputs`)) return true;
  const of = group === undefined ? tasks : groups?.[Number(group)]?.tasks;
  return !/^\{\{input:\d+\}\}$/.test(token) && (of?.[Number(task)]?.inputs ?? []).includes(unreadInput);
}

const isReference = (path: string): boolean => /\.inputs\[\d+\]\.task\.name$/.test(path);

function namesOf({ tasks = [], groups = [] }: WorkflowSpecInput): Set<unknown> {
  return new Set([...tasks, ...groups.flatMap((group) => group.tasks)].map(({ name }) => name));
}
