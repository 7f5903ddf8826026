import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the chart that isn't what it should be. */
export interface StaleFile {
  path: string;
  /** What it should hold; undefined when it shouldn't be there. */
  content: string | undefined;
}

const folder = 'charts/osmo/files/crds';

/** Files of the chart that differ from the generated resource definitions: Helm can't read files outside of a chart. */
export function staleDefinitions(root: string): StaleFile[] {
  const read = (path: string): Map<string, string> =>
    new Map(yamlFiles(join(root, path)).map((name) => [name, readFileSync(join(root, path, name), 'utf8')]));
  const [wanted, found] = [read('crds/yaml'), read(folder)];
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((name) => wanted.get(name) !== found.get(name))
    .map((name) => ({ path: `${folder}/${name}`, content: wanted.get(name) }));
}

function yamlFiles(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => name.endsWith('.yaml'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Brings the chart's definitions up to date and gives the files that changed. */
export function writeDefinitions(root: string): string[] {
  const stale = staleDefinitions(root);
  mkdirSync(join(root, folder), { recursive: true });
  for (const { path, content } of stale) {
    if (content === undefined) rmSync(join(root, path));
    else writeFileSync(join(root, path), content);
  }
  return stale.map(({ path }) => path);
}
