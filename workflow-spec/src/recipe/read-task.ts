import type { TaskTemplateInput } from '@osmo/crds';
import { byteQuantity, cacheShare } from './amounts.ts';
import { keysOf } from './keys/key.ts';
import { kpiSection, taskSection } from './keys/task-sections.ts';
import { normalName } from './names.ts';
import type { Field } from './node-reader.ts';
import type { ReadContext } from './read-context.ts';
import { readFiles } from './read-files.ts';
import { texts } from './read-resources.ts';
import { readCheckpoints, readInputs, readOutputs } from './read-transfers.ts';
import * as standIns from './stand-ins.ts';

const taskKeys = keysOf(taskSection);
/** What a field of the recipe is called in the Workflow, where that differs. */
const renamed: Readonly<Record<string, string>> = { environment: 'env', checkpoint: 'checkpoints' };

/** One entry of `tasks`; what could not be read has a stand-in. @param path of the task in the Workflow */
export function readTask(context: ReadContext, item: Field, path: string): TaskTemplateInput {
  const { reader, origins } = context;
  origins.set(path, item);
  const fields = reader.fields(item, taskKeys);
  for (const [key, field] of fields) origins.set(`${path}.${renamed[key] ?? key}`, field);
  const present = (key: (typeof taskKeys)[number]): Field | undefined => {
    const field = fields.get(key);
    return field && !reader.isNull(field) ? field : undefined;
  };
  const list = (key: 'args' | 'command'): string[] => {
    const items = reader.items(present(key));
    for (const [index, entry] of items.entries()) origins.set(`${path}.${key}[${index}]`, entry);
    return texts(items.map((entry) => reader.text(entry)));
  };
  if (present('resources'))
    context.warnings.push(`${item.path}.resources is ignored: resource names an entry of workflow.resources`);
  if (reader.text(present('backend')))
    context.warnings.push(`${item.path}.backend is ignored: the pool decides about the backend`);
  const name = reader.text(reader.required(item, fields, 'name'));
  const image = reader.text(reader.required(item, fields, 'image'));
  const commandField = reader.required(item, fields, 'command');
  const command = list('command');
  if (commandField && command.length === 0 && (commandField.node.kind === 'sequence' || reader.isNull(commandField))) {
    reader.refuse(commandField, 'must have at least one item');
  }
  const flags = (key: 'lead' | 'privileged' | 'hostNetwork'): Record<string, boolean> => {
    const value = reader.flag(present(key));
    return value === undefined ? {} : { [key]: value };
  };
  const task = {
    ...flags('lead'),
    ...filled('args', list('args')),
    ...filled('env', readEnvironment(context, present('environment'), path)),
    ...filled('files', readFiles(context, present('files'), `${path}.files`)),
    ...filled('inputs', readInputs(context, present('inputs'), `${path}.inputs`)),
    ...filled('outputs', readOutputs(context, present('outputs'), `${path}.outputs`)),
    ...filled('credentials', readCredentials(context, present('credentials'), path)),
    ...single('resource', reader.text(present('resource'))),
    ...filled('volumeMounts', readMounts(context, present('volumeMounts'), path)),
    ...flags('privileged'),
    ...flags('hostNetwork'),
    ...filled('exitActions', readExitActions(context, present('exitActions'), path)),
    ...filled('checkpoints', readCheckpoints(context, present('checkpoint'), `${path}.checkpoints`)),
    ...readDownloadType(context, present('downloadType')),
    ...single('cacheSize', readCacheSize(context, present('cacheSize'))),
    ...filled('kpis', readKpis(context, present('kpis'), path)),
  };
  return {
    name: name ?? standIns.unreadName(path),
    image: image ?? standIns.unreadImage,
    command: command.length === 0 ? [...standIns.unreadCommand] : command,
    ...task,
  };
}

function filled<Key extends string, Item>(key: Key, items: readonly Item[]): { [K in Key]?: Item[] } {
  return (items.length === 0 ? {} : { [key]: items }) as { [K in Key]?: Item[] };
}

function single<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return (value === undefined || value === '' ? {} : { [key]: value }) as { [K in Key]?: string };
}

function readEnvironment(
  { reader, origins, environment }: ReadContext,
  field: Field | undefined,
  path: string,
): { name: string; value: string }[] {
  const variables = new Map<string, string>();
  for (const [name, entry] of field ? reader.entries(field) : []) {
    origins.set(`${path}.env[${variables.size}]`, entry);
    variables.set(name, reader.printed(entry) ?? '');
  }
  for (const [name, value] of environment) variables.set(name, value);
  return [...variables].map(([name, value]) => ({ name, value }));
}

type Credential = NonNullable<TaskTemplateInput['credentials']>[number];

/** Name of the Secret that holds a credential. */
export const credentialObjectName = normalName;

function readCredentials({ reader, origins }: ReadContext, field: Field | undefined, path: string): Credential[] {
  if (!field) return [];
  return [...reader.entries(field)].flatMap(([recipeName, entry], index): Credential[] => {
    origins.set(`${path}.credentials[${index}]`, entry);
    const name = credentialObjectName(recipeName);
    if (entry.node.kind !== 'mapping') {
      const mountPath = reader.text(entry);
      return [mountPath === undefined ? standIns.unreadCredential(index) : { name, mountPath }];
    }
    const env = [...reader.entries(entry)].flatMap(([variable, key]) => {
      const text = reader.text(key);
      return text === undefined ? [] : [{ name: variable, key: text }];
    });
    if (env.length > 0) return [{ name, env }];
    if (!reader.told.within(entry.path))
      reader.refuse(entry, 'must be a folder, or a mapping of variables to keys of the credential');
    return [standIns.unreadCredential(index)];
  });
}

function readMounts(
  { reader, origins }: ReadContext,
  field: Field | undefined,
  path: string,
): NonNullable<TaskTemplateInput['volumeMounts']> {
  return reader.items(field).map((item, index) => {
    origins.set(`${path}.volumeMounts[${index}]`, item);
    const text = reader.text(item);
    if (text === undefined) return standIns.unreadMount(index);
    const [hostPath = '', mountPath = hostPath, ...more] = text.split(':');
    if (more.length === 0 && mountPath !== '') return { hostPath, mountPath };
    reader.refuse(item, "must be '/folder' or '/folder/on/the/node:/folder/in/the/task'");
    return standIns.unreadMount(index);
  });
}

const exitActionNames = new Map([
  ['complete', 'Complete'],
  ['fail', 'Fail'],
  ['reschedule', 'Reschedule'],
] as const);

function readExitActions(
  { reader, origins }: ReadContext,
  field: Field | undefined,
  path: string,
): NonNullable<TaskTemplateInput['exitActions']> {
  if (!field) return [];
  return [...reader.entries(field)].map(([name, entry], index) => {
    origins.set(`${path}.exitActions[${index}]`, entry);
    const action = exitActionNames.get(name.toLowerCase() as 'complete');
    if (!action) {
      reader.refuse(entry, 'is no exit action; allowed are COMPLETE, FAIL, RESCHEDULE');
      return standIns.unreadExitAction;
    }
    const exitCodes = reader.text(entry);
    return exitCodes === undefined ? standIns.unreadExitAction : { action, exitCodes: exitCodes.replaceAll(/\s/g, '') };
  });
}

function readDownloadType({ reader }: ReadContext, field: Field | undefined): { downloadType?: 'Download' } {
  const word = reader.text(field);
  if (!field || word === undefined) return {};
  if (word === 'download') return { downloadType: 'Download' };
  reader.refuse(field, "must be 'download': inputs can't be mounted");
  return {};
}

function readCacheSize({ reader }: ReadContext, field: Field | undefined): string | undefined {
  const text = reader.text(field);
  if (!field || text === undefined || cacheShare.test(text)) return text;
  return (
    byteQuantity(text) ?? reader.refuse(field, "must be a size such as '10Gi' or a share of the storage such as '90%'")
  );
}

function readKpis(
  { reader, origins }: ReadContext,
  field: Field | undefined,
  path: string,
): NonNullable<TaskTemplateInput['kpis']> {
  return reader.items(field).map((item, index) => {
    origins.set(`${path}.kpis[${index}]`, item);
    const fields = reader.fields(item, keysOf(kpiSection));
    const key = reader.text(reader.required(item, fields, 'index'));
    const file = reader.text(reader.required(item, fields, 'path'));
    return key === undefined || file === undefined ? standIns.unreadKpi(index) : { index: key, path: file };
  });
}
