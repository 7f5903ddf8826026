import type { TaskTemplateInput } from '@osmo/crds';
import { PyDict } from '../python/dict.ts';
import type { Value } from '../python/value.ts';
import { recipeBytes, recipeDuration } from './amounts.ts';
import { dict, present } from './write-dict.ts';

type Input = NonNullable<TaskTemplateInput['inputs']>[number];
type Output = NonNullable<TaskTemplateInput['outputs']>[number];

/** A task as `tasks` of a recipe has it. What has its default is left out. */
export function writeTask(task: TaskTemplateInput): PyDict {
  return dict({
    name: task.name,
    image: task.image,
    command: [...task.command],
    args: filled(task.args),
    lead: task.lead === true ? true : undefined,
    environment: named(task.env, ({ name, value }) => [name, value]),
    files: filled(task.files)?.map(({ path, contents, base64 }) =>
      dict({ path, contents, base64: base64 === true ? true : undefined }),
    ),
    inputs: filled(task.inputs)?.map(writeInput),
    outputs: filled(task.outputs)?.map(writeOutput),
    credentials: named(task.credentials, ({ name, env, mountPath }) => [
      name,
      mountPath ?? new PyDict((env ?? []).map((variable) => [variable.name, variable.key])),
    ]),
    resource: task.resource === 'default' ? undefined : task.resource,
    volumeMounts: filled(task.volumeMounts)?.map(({ hostPath, mountPath }) =>
      hostPath === mountPath ? hostPath : `${hostPath}:${mountPath}`,
    ),
    privileged: task.privileged === true ? true : undefined,
    hostNetwork: task.hostNetwork === true ? true : undefined,
    exitActions: named(task.exitActions, ({ action, exitCodes }) => [action.toUpperCase(), exitCodes]),
    checkpoint: filled(task.checkpoints)?.map(({ path, url, frequencySeconds, regex }) =>
      dict({ path, url, frequency: recipeDuration(frequencySeconds), regex }),
    ),
    downloadType: task.downloadType === undefined ? undefined : 'download',
    cacheSize: task.cacheSize?.endsWith('%') === false ? recipeBytes(task.cacheSize) : task.cacheSize,
    kpis: filled(task.kpis)?.map(({ index, path }) => dict({ index, path })),
  });
}

function filled<Item>(items: readonly Item[] | undefined): Item[] | undefined {
  return items && items.length > 0 ? [...items] : undefined;
}

function named<Item>(items: readonly Item[] | undefined, entry: (item: Item) => [string, Value]): PyDict | undefined {
  return items && items.length > 0 ? new PyDict(items.map(entry)) : undefined;
}

function writeInput({ task, url, dataset }: Input): PyDict {
  if (task)
    return dict({ task: task.workflow === undefined ? task.name : `${task.workflow}:${task.name}`, regex: task.regex });
  if (url) return dict({ url: url.url, regex: url.regex });
  const { name, path, regex, localPath } = dataset ?? {};
  return dict({ dataset: dict({ name, path, regex, localpath: localPath }) });
}

function writeOutput({ url, dataset, updateDataset }: Output): PyDict {
  if (url) return dict({ url: url.url, regex: url.regex });
  if (updateDataset) {
    const { name, paths, metadata, labels } = updateDataset;
    return dict({
      update_dataset: dict({ name, paths: filled(paths), metadata: filled(metadata), labels: filled(labels) }),
    });
  }
  const { name, path, regex, metadata, labels } = dataset ?? {};
  return dict({ dataset: present({ name, path, regex, metadata: filled(metadata), labels: filled(labels) }) });
}
