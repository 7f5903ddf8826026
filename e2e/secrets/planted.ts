import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { siteOf } from '../harness/site.ts';
import { type Planted, valuesIn } from './values.ts';

/** Files about a run, beside its cluster's own and gone with them. Nobody else may read them. */
export interface SeenFiles {
  folder: string;
  /** What must stay secret, one JSON a line. */
  planted: string;
  /** Every version of objects that was seen, one JSON a line. */
  objects: string;
  /** Refusals that suites were answered, one JSON a line. */
  answers: string;
  /** Second names of the logs of containers, whose own go with their pods. */
  logs: string;
}

/** Where the run on a cluster keeps what it saw; the folders are made. */
export function seenFiles(kubeconfig: string): SeenFiles {
  const folder = join(dirname(kubeconfig), 'seen');
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(folder, name);
  return {
    ...{ folder, logs },
    planted: file('planted.ndjson'),
    objects: file('objects.ndjson'),
    answers: file('answers.ndjson'),
  };
}

/**
 * Says of a value that it is secret, so that the end of the run looks for it wherever it must not be. What is in Secrets of the
 * cluster is known without this.
 *
 * @param where names it in findings
 */
export function plantSecret(value: string, where: string): void {
  writePlanted(seenFiles(siteOf(process.env).kubeconfig), valuesIn(value, where));
}

/** Says the same of the tokens in the files of a folder, such as the login that the osmo command keeps. */
export function plantTokens(folder: string, where: string): void {
  const files = seenFiles(siteOf(process.env).kubeconfig);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const all = valuesIn(readFileSync(join(entry.parentPath, entry.name), 'utf8'), where);
    writePlanted(
      files,
      all.filter((each) => /\.(token|secret|refresh)$/.test(each.where)),
    );
  }
}

/** Notes values; a later line may say the same. */
export function writePlanted({ planted }: SeenFiles, values: readonly Planted[]): void {
  const text = values.map((each) => `${JSON.stringify(each)}\n`).join('');
  if (text !== '') appendFileSync(planted, text, { mode: 0o600 });
}

/** All that was noted, each value once. */
export function readPlanted({ planted }: SeenFiles): Planted[] {
  if (!existsSync(planted)) return [];
  const lines = readFileSync(planted, 'utf8').split('\n').slice(0, -1);
  const all = lines.map((line) => JSON.parse(line) as Planted);
  // The first to name it is who made it.
  return [...new Map(all.toReversed().map((each) => [each.value, each])).values()];
}
