import type { TaskTemplateInput } from '@osmo/crds';
import { fileFilterProblem } from '../graph/file-filter.ts';
import { keysOf } from './keys/key.ts';
import { checkpointSection } from './keys/task-sections.ts';
import * as sections from './keys/transfer-sections.ts';
import type { Field } from './node-reader.ts';
import type { ReadContext } from './read-context.ts';
import { readDuration, texts } from './read-resources.ts';
import { unreadCheckpoint, unreadInput, unreadOutput } from './stand-ins.ts';

type Input = NonNullable<TaskTemplateInput['inputs']>[number];
type Output = NonNullable<TaskTemplateInput['outputs']>[number];
type Checkpoint = NonNullable<TaskTemplateInput['checkpoints']>[number];

/** `inputs`: each is one of `task`, `url` and `dataset`. */
export function readInputs(context: ReadContext, field: Field | undefined, path: string): Input[] {
  return context.reader.items(field).map((item, index) => {
    const at = `${path}[${index}]`;
    context.origins.set(at, item);
    const kind = kindOf(context, item, ['task', 'url', 'dataset']);
    return (kind && readInput(context, item, kind, at)) ?? unreadInput;
  });
}

/** `outputs`: each is one of `url`, `dataset` and `update_dataset`. */
export function readOutputs(context: ReadContext, field: Field | undefined, path: string): Output[] {
  return context.reader.items(field).map((item, index) => {
    const at = `${path}[${index}]`;
    context.origins.set(at, item);
    const kind = kindOf(context, item, ['url', 'dataset', 'update_dataset']);
    return (kind && readOutput(context, item, kind, at)) ?? unreadOutput;
  });
}

function kindOf<Kind extends string>({ reader }: ReadContext, item: Field, kinds: readonly Kind[]): Kind | undefined {
  const keys = reader.entries(item);
  if (reader.told.covers(item.path)) return undefined;
  const found = kinds.filter((kind) => keys.has(kind));
  const [only] = found;
  if (found.length === 1) return only;
  const allowed = kinds.map((kind) => `'${kind}'`).join(', ');
  return reader.refuse(item, `must have exactly one of the keys ${allowed}`);
}

function readInput(context: ReadContext, item: Field, kind: 'task' | 'url' | 'dataset', at: string): Input | undefined {
  const { reader } = context;
  if (kind === 'dataset') {
    const dataset = readDataset(context, item, keysOf(sections.inputDatasetSection));
    if (!dataset) return undefined;
    const { fields, name, ...rest } = dataset;
    const localPath = reader.text(fields.get('localpath'));
    return { dataset: { name, ...rest, ...(localPath !== undefined && { localPath }) } };
  }
  const fields = reader.fields(
    item,
    keysOf<string>(kind === 'url' ? sections.urlInputSection : sections.taskInputSection),
  );
  placeTransfer(context, fields, kind, at);
  const target = reader.text(fields.get(kind));
  const regex = readFilter(context, fields.get('regex'));
  if (target === undefined) return undefined;
  if (kind === 'url') return { url: { url: target, ...regex } };
  const [first = '', second, ...more] = target.split(':');
  if (more.length > 0) return reader.refuse(fields.get('task') ?? item, "must be 'TASK' or 'WORKFLOW:TASK'");
  return { task: second === undefined ? { name: first, ...regex } : { workflow: first, name: second, ...regex } };
}

function readOutput(
  context: ReadContext,
  item: Field,
  kind: 'url' | 'dataset' | 'update_dataset',
  at: string,
): Output | undefined {
  const { reader } = context;
  if (kind === 'url') {
    const fields = reader.fields(item, keysOf(sections.urlOutputSection));
    placeTransfer(context, fields, 'url', at);
    const url = reader.text(fields.get('url'));
    const regex = readFilter(context, fields.get('regex'));
    return url === undefined ? undefined : { url: { url, ...regex } };
  }
  const lists = (fields: ReadonlyMap<string, Field>): { metadata?: string[]; labels?: string[] } => ({
    ...readTexts(context, fields, 'metadata'),
    ...readTexts(context, fields, 'labels'),
  });
  if (kind === 'dataset') {
    const dataset = readDataset(context, item, keysOf(sections.outputDatasetSection));
    if (!dataset) return undefined;
    const { fields, ...rest } = dataset;
    return { dataset: { ...rest, ...lists(fields) } };
  }
  const inner = reader.fields(item, keysOf(sections.datasetUpdateOutputSection)).get('update_dataset') ?? item;
  context.origins.set(`${at}.updateDataset`, inner);
  const fields = reader.fields(inner, keysOf(sections.updatedDatasetSection));
  const name = reader.text(reader.required(inner, fields, 'name'));
  return name === undefined
    ? undefined
    : { updateDataset: { name, ...readTexts(context, fields, 'paths'), ...lists(fields) } };
}

/** Says where the parts of a transfer are that the recipe has beside each other, and the Workflow one below the other. */
function placeTransfer(
  { origins }: ReadContext,
  fields: ReadonlyMap<string, Field>,
  kind: 'task' | 'url',
  at: string,
): void {
  const [target, regex] = [fields.get(kind), fields.get('regex')];
  if (target !== undefined) origins.set(`${at}.${kind}`, target);
  if (regex !== undefined) origins.set(`${at}.${kind}.regex`, regex);
}

function readDataset(
  context: ReadContext,
  item: Field,
  keys: readonly string[],
): { fields: ReadonlyMap<string, Field>; name: string; path?: string; regex?: string } | undefined {
  const { reader } = context;
  const inner = reader.fields(item, keysOf(sections.datasetInputSection)).get('dataset') ?? item;
  const fields = reader.fields(inner, keys);
  const name = reader.text(reader.required(inner, fields, 'name'));
  const path = reader.text(fields.get('path'));
  const regex = readFilter(context, fields.get('regex'));
  return name === undefined
    ? undefined
    : { fields, name, ...(path !== undefined && path !== '' && { path }), ...regex };
}

function readTexts<Key extends string>(
  { reader }: ReadContext,
  fields: ReadonlyMap<string, Field>,
  key: Key,
): { [K in Key]?: string[] } {
  const found = texts(reader.items(fields.get(key)).map((item) => reader.text(item)));
  return (found.length === 0 ? {} : { [key]: found }) as { [K in Key]?: string[] };
}

/** `regex`: Python's, and nothing when it is empty. */
function readFilter({ reader }: ReadContext, field: Field | undefined): { regex?: string } {
  const regex = reader.text(field);
  if (field === undefined || regex === undefined || regex === '') return {};
  const problem = fileFilterProblem(regex);
  if (problem !== undefined) reader.refuse(field, problem);
  return { regex };
}

/** `checkpoint` */
export function readCheckpoints(context: ReadContext, field: Field | undefined, path: string): Checkpoint[] {
  const { reader, origins } = context;
  return reader.items(field).map((item, index) => {
    const at = `${path}[${index}]`;
    origins.set(at, item);
    const fields = reader.fields(item, keysOf(checkpointSection));
    for (const [key, entry] of fields) origins.set(`${at}.${key === 'frequency' ? 'frequencySeconds' : key}`, entry);
    const folder = reader.text(reader.required(item, fields, 'path'));
    const url = reader.text(reader.required(item, fields, 'url'));
    const frequency = reader.required(item, fields, 'frequency');
    const frequencySeconds = frequency && readDuration(context, frequency);
    const regex = readFilter(context, fields.get('regex'));
    return {
      path: folder ?? unreadCheckpoint.path,
      url: url ?? unreadCheckpoint.url,
      frequencySeconds: frequencySeconds ?? unreadCheckpoint.frequencySeconds,
      ...regex,
    };
  });
}
