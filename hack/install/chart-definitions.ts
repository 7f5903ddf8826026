import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** A file of the chart that isn't what it should be. */
export interface StaleFile {
  path: string;
  /** What it should hold; undefined when it shouldn't be there. */
  content: string | undefined;
}

const folder = 'charts/osmo/files/crds';

const defaultsFile = 'charts/osmo/files/defaults.yaml';

/** Files of the chart that differ from what they are made of: resource definitions, and the defaults of values. */
export function staleChartFiles(root: string): StaleFile[] {
  return [...staleDefinitions(root), ...staleDefaults(root)];
}

/** Templates can't read values.yaml, which is not what `--reuse-values` takes: they find the defaults in a file of their own. */
function staleDefaults(root: string): StaleFile[] {
  const values = parse(readFileSync(join(root, 'charts/osmo/values.yaml'), 'utf8')) as object;
  const content = `# Made of values.yaml by \`make generate\`.\n${stringify(values)}`;
  const path = join(root, defaultsFile);
  const found = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  return found === content ? [] : [{ path: defaultsFile, content }];
}

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

/** Brings the chart's generated files up to date and gives those that changed. */
export function writeChartFiles(root: string): string[] {
  const stale = staleChartFiles(root);
  mkdirSync(join(root, folder), { recursive: true });
  for (const { path, content } of stale) {
    if (content === undefined) rmSync(join(root, path));
    else writeFileSync(join(root, path), content);
  }
  return stale.map(({ path }) => path);
}
