import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';

/** What a bundle was made from, kept beside it: making it takes seconds, looking whether it is still true doesn't. */
interface BundleRecord {
  /** Size and time of change by path relative to the repository. */
  sources: Record<string, string>;
  bundle: Bundle;
}

const recordFile = 'bundle.json';

/** Files which decide what an import means, beside the sources themselves. */
const always = ['package-lock.json', 'hack/install/bundle.ts'];

/** The bundle in a folder of `dist/`, if nothing that it was made from has changed since. */
export function knownBundle(root: string, directory: string): Bundle | undefined {
  const file = join(directory, recordFile);
  if (!existsSync(file)) return undefined;
  const { sources, bundle } = JSON.parse(readFileSync(file, 'utf8')) as BundleRecord;
  const unchanged = Object.entries(sources).every(([path, mark]) => markOf(root, path) === mark);
  return unchanged && bundle.files.every((name) => existsSync(join(directory, name))) ? bundle : undefined;
}

/** Remembers what a bundle was made from; `inputs` are paths relative to the repository. */
export function rememberBundle(root: string, bundle: Bundle, inputs: readonly string[]): void {
  const sources = Object.fromEntries([...always, ...inputs].map((path) => [path, markOf(root, path)]));
  writeFileSync(join(bundle.directory, recordFile), JSON.stringify({ sources, bundle } satisfies BundleRecord));
}

function markOf(root: string, path: string): string {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  return found === undefined ? 'missing' : `${found.size} ${found.mtimeMs}`;
}
