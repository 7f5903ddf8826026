import type { TaskTemplateInput, WorkflowInput } from '@osmo/crds';

type Spec = WorkflowInput['spec'];

/** Characters of a value in a remark. */
const longest = 500;

/** What a spec says, and a recipe has no words for; `labelPolicies` and the like belong to pools. */
const ofSpecs = ['maxParallel', 'suspend', 'ttlSecondsAfterFinished'] as const;
const ofTimeouts = ['startSeconds', 'uploadSeconds'] as const;
const ofGroups = ['count', 'matrix', 'maxParallel', 'retryPolicy'] as const;

/**
 * Comments that say what of a Workflow its recipe leaves out: who submits the recipe anew gets another workflow without it. Empty when the
 * recipe says all.
 */
export function writeRemarks(spec: Spec): string {
  const { priority = 'Normal' } = spec;
  const lines = [
    ...(priority === 'Normal'
      ? []
      : [`priority: ${priority}, said at submission: --priority ${priority.toUpperCase()}`]),
    ...remarks('', spec, ofSpecs),
    ...remarks('timeouts.', spec.timeouts ?? {}, ofTimeouts),
    ...(spec.tasks ?? []).flatMap((task, index) => ofTask(`tasks[${index}].`, task)),
    ...(spec.groups ?? []).flatMap((group, index) => [
      ...remarks(`groups[${index}].`, group, ofGroups),
      ...group.tasks.flatMap((task, at) => ofTask(`groups[${index}].tasks[${at}].`, task)),
    ]),
  ];
  if (lines.length === 0) return '';
  const head = 'The Workflow says more, for which a recipe has no words:';
  return [head, ...lines].map((line) => `# ${line}\n`).join('');
}

function ofTask(path: string, task: TaskTemplateInput): string[] {
  const { inputs = [], outputs = [], checkpoints = [] } = task;
  return [
    ...remarks(path, task, ofGroups),
    ...inputs.flatMap(({ task: from = {}, url = {} }, index) => [
      ...remarks(`${path}inputs[${index}].task.`, from, ['instances']),
      ...remarks(`${path}inputs[${index}].url.`, url, ['credential']),
    ]),
    ...outputs.flatMap(({ url = {} }, index) => remarks(`${path}outputs[${index}].url.`, url, ['credential'])),
    ...checkpoints.flatMap((each, index) => remarks(`${path}checkpoints[${index}].`, each, ['credential'])),
  ];
}

function remarks(path: string, holder: object, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = (holder as Record<string, unknown>)[name];
    if (value === undefined || value === false) return [];
    const text = onOneLine(JSON.stringify(value));
    return [`${path}${name}: ${text.length > longest ? `${text.slice(0, longest)}…` : text}`];
  });
}

/** JSON has no line ends, but YAML knows more of them than JSON. */
function onOneLine(json: string): string {
  return json.replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
