import { constants, gunzipSync } from 'node:zlib';
import { formsOf } from './forms.ts';
import { Search } from './search.ts';
import type { Planted } from './values.ts';

/** A secret where none may be. Neither part holds its value. */
export interface Finding {
  /** Which secret. */
  what: string;
  /** `file:line`, or `Kind namespace/name field`. */
  place: string;
}

/** Findings of one secret at places that differ only in their numbers say no more than the first few. */
const mostFindings = 200;

/** A search for all forms of secrets. */
export function searchFor(planted: readonly Planted[]): Search {
  return new Search(planted.flatMap(({ value, where }) => formsOf(value).map((bytes) => ({ bytes, what: where }))));
}

/** The text of a file that may be compressed with gzip, as far as it is there. */
function textOf(content: Buffer): Buffer {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return gunzipSync(content, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    // It only began like one.
    return content;
  }
}

/** What a file holds, by line; what is compressed is looked at as it was before. */
export function findInFile(search: Search, name: string, content: Buffer): Finding[] {
  const text = textOf(content);
  let [line, counted] = [1, 0];
  return search
    .hits(text)
    .slice(0, mostFindings)
    .map(({ at, what }) => {
      for (; counted < at; counted++) if (text[counted] === 0x0a) line++;
      return { what, place: `${name}:${line}` };
    });
}

interface NamedObject {
  kind?: string;
  metadata?: { namespace?: string; name?: string };
}

/** What an object holds, by the path of the field; keys of maps count too. */
export function findInObject(search: Search, object: NamedObject): Finding[] {
  if (search.hits(Buffer.from(JSON.stringify(object))).length === 0) return [];
  const { kind = '', metadata: { namespace, name = '' } = {} } = object;
  const head = `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
  const found = fieldsOf(object, '').flatMap(([path, text]) =>
    search.hits(Buffer.from(text)).map(({ what }) => ({ what, place: `${head} ${path}` })),
  );
  // Across fields, such as an encoded text in parts: still found, if less exactly.
  const across = search.hits(Buffer.from(JSON.stringify(object))).map(({ what }) => ({ what, place: head }));
  return found.length > 0 ? found : across;
}

/** All texts in a document, and where they are. */
function fieldsOf(node: unknown, path: string): [path: string, text: string][] {
  if (typeof node === 'string') return [[path, node]];
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const place = Array.isArray(node) ? `${path}[${key}]` : `${path}.${key}`;
    const own: [string, string][] = Array.isArray(node) ? [] : [[`${path}.*`, key]];
    return [...own, ...fieldsOf(value, place)];
  });
}

/** Each finding once, as a line of a report. */
export function report(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ what, place }) => `${what} is in ${place}`))].toSorted((a, b) =>
    a.localeCompare(b),
  );
}
