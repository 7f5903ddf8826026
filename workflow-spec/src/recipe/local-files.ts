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

function* filesOf(document: Value): Generator<PyDict> {
  const workflow = field(document, 'workflow');
  const groups = listOf(field(workflow, 'groups'));
  for (const owner of [workflow, ...groups]) {
    for (const task of listOf(field(owner, 'tasks'))) {
      for (const file of listOf(field(task, 'files'))) if (file instanceof PyDict) yield file;
    }
  }
}

const field = (value: Value, key: string): Value => (value instanceof PyDict ? (value.get(key) ?? null) : null);
const listOf = (value: Value): readonly Value[] => (Array.isArray(value) ? value : []);
