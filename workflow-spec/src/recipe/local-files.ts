import { PyDict } from '../python/dict.ts';
import type { Value } from '../python/value.ts';
import { escapeTemplate } from '../template/escape.ts';
import { loadYaml } from '../yaml/constructor.ts';
import { dumpYaml } from '../yaml/emitter.ts';

/**
 * The local files that a rendered recipe names, each once: `localpath` of `files`.
 *
 * @param document what `renderRecipe` gives
 * @throws YamlError when it is no YAML
 */
export function localPathsOf(document: string): string[] {
  const paths = new Set<string>();
  for (const file of filesOf(loadYaml(document))) {
    const path = file.get('localpath');
    if (typeof path === 'string') paths.add(path);
  }
  return [...paths];
}

/**
 * A rendered recipe with the contents of its local files in place of their paths. It can be submitted: rendered again it
 * gives itself, whatever the files hold.
 *
 * @param read contents of a local file by the path that the recipe has
 */
export function withLocalFiles(document: string, read: (path: string) => string): string {
  const loaded = loadYaml(document);
  for (const file of filesOf(loaded)) {
    const path = file.get('localpath');
    if (typeof path !== 'string' || file.has('contents')) continue;
    file.delete('localpath');
    file.set('contents', read(path));
  }
  return escapeTemplate(dumpYaml(loaded));
}

/** A dataset that is to be made of files of the machine that submits. */
export interface LocalDataset {
  /** As the recipe has it, perhaps with a bucket and a tag. */
  name: string;
  /** Path of a file or folder there. */
  localPath: string;
}

/**
 * The datasets of a rendered recipe that have a `localpath`, each once.
 *
 * @throws YamlError when it is no YAML
 */
export function localDatasetsOf(document: string): LocalDataset[] {
  const found = new Map<string, LocalDataset>();
  for (const dataset of datasetsOf(loadYaml(document))) {
    const [name, localPath] = [dataset.get('name'), dataset.get('localpath')];
    if (typeof name === 'string' && typeof localPath === 'string')
      found.set(JSON.stringify([name, localPath]), { name, localPath });
  }
  return [...found.values()];
}

/**
 * A rendered recipe that names the versions that were made of its local files; `localpath` stays, for the record.
 *
 * @param versionOf name and version that one became
 */
export function withUploadedDatasets(document: string, versionOf: (dataset: LocalDataset) => string): string {
  const loaded = loadYaml(document);
  for (const dataset of datasetsOf(loaded)) {
    const [name, localPath] = [dataset.get('name'), dataset.get('localpath')];
    if (typeof name === 'string' && typeof localPath === 'string') dataset.set('name', versionOf({ name, localPath }));
  }
  return dumpYaml(loaded);
}

function* datasetsOf(document: Value): Generator<PyDict> {
  for (const task of tasksOf(document)) {
    for (const input of listOf(field(task, 'inputs'))) {
      const dataset = field(input, 'dataset');
      if (dataset instanceof PyDict) yield dataset;
    }
  }
}

function* tasksOf(document: Value): Generator<Value> {
  const workflow = field(document, 'workflow');
  for (const owner of [workflow, ...listOf(field(workflow, 'groups'))]) yield* listOf(field(owner, 'tasks'));
}

function* filesOf(document: Value): Generator<PyDict> {
  for (const task of tasksOf(document)) {
    for (const file of listOf(field(task, 'files'))) if (file instanceof PyDict) yield file;
  }
}

const field = (value: Value, key: string): Value => (value instanceof PyDict ? (value.get(key) ?? null) : null);
const listOf = (value: Value): readonly Value[] => (Array.isArray(value) ? value : []);
