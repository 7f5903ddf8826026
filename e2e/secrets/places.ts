import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeClient } from '@osmo/kube';
import { type Finding, findInFile, findInObject } from './findings.ts';
import { isSecret, listableKinds } from './kinds.ts';
import type { SeenFiles } from './planted.ts';
import type { Search } from './search.ts';

/** What was looked through in one place. */
export interface Looked {
  findings: Finding[];
  /** Files or objects. */
  count: number;
}

/** Files below a folder; what goes away meanwhile is left out. */
export function inFolder(search: Search, folder: string): Looked {
  const looked: Looked = { findings: [], count: 0 };
  for (const path of filesBelow(folder)) {
    const content = unlessGone(() => readFileSync(path));
    if (content === undefined) continue;
    looked.count += 1;
    looked.findings.push(...findInFile(search, path.slice(folder.length + 1), content));
  }
  return looked;
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** A file, if it is there. */
export function inFile(search: Search, file: string): Looked {
  const content = unlessGone(() => readFileSync(file));
  if (content === undefined) return { findings: [], count: 0 };
  return { findings: findInFile(search, file.split('/').at(-1) ?? file, content), count: 1 };
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Every version of objects that the recorder saw. */
export function inRecordedObjects(search: Search, { objects }: SeenFiles): Looked {
  const content = unlessGone(() => readFileSync(objects)) ?? Buffer.alloc(0);
  const looked: Looked = { findings: [], count: 0 };
  let from = 0;
  for (let end = content.indexOf(0x0a); end !== -1; end = content.indexOf(0x0a, from)) {
    const line = content.subarray(from, end);
    looked.count += 1;
    if (search.hits(line).length > 0)
      looked.findings.push(...findInObject(search, JSON.parse(line.toString()) as object));
    from = end + 1;
  }
  return looked;
}

interface Page {
  items: object[];
  metadata: { continue?: string };
}

/** Every object that the apiserver has now, of every kind but Secret, managed fields included. */
export async function inLiveObjects(search: Search, client: KubeClient): Promise<Looked> {
  const looked: Looked = { findings: [], count: 0 };
  for (const type of await listableKinds(client)) {
    if (isSecret(type)) continue;
    const base = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
    let next: string | undefined = '';
    while (next !== undefined) {
      const path: string = `${base}/${type.plural}?limit=500${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
      const { items, metadata }: Page = JSON.parse((await client.request('GET', path)).body.toString()) as Page;
      looked.count += items.length;
      for (const item of items) looked.findings.push(...findInObject(search, { ...item, kind: type.kind }));
      next = metadata.continue === undefined || metadata.continue === '' ? undefined : metadata.continue;
    }
  }
  return looked;
}
