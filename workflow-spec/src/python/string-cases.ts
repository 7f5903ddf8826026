import { type Value, typeError, typeName, valueError } from './value.ts';

// What str.isspace() says, which is what strip() and split() go by.
const blanks = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;
const leading = new RegExp(`^[${blanks}]+`);
const trailing = new RegExp(`[${blanks}]+$`);

export function capitalized(text: string): string {
  const [first = '', ...rest] = Array.from(text);
  return titleCase(first) + rest.join('').toLowerCase();
}

/** `str.title()`: the first letter after anything that is no letter. */
export function titled(text: string): string {
  let inWord = false;
  return Array.from(text, (char) => {
    const cased = isCased(char);
    const result = cased ? (inWord ? char.toLowerCase() : titleCase(char)) : char;
    inWord = cased;
    return result;
  }).join('');
}

function titleCase(char: string): string {
  const upper = char.toUpperCase();
  // ß becomes Ss, not SS.
  return upper.length > 1 && upper !== char && Array.from(upper).length > 1
    ? (Array.from(upper)[0] ?? '') + upper.slice(1).toLowerCase()
    : upper;
}

/** Whether a text has a letter with a case. */
export const isCased = (text: string): boolean => /[\p{Lu}\p{Ll}\p{Lt}]/u.test(text);

/** `strip`, `lstrip` and `rstrip`. */
export function stripped(text: string, chars: Value | undefined, side: 'both' | 'left' | 'right'): string {
  if (chars === null || chars === undefined) {
    const left = side === 'right' ? text : text.replace(leading, '');
    return side === 'left' ? left : left.replace(trailing, '');
  }
  if (typeof chars !== 'string') throw typeError(`strip arg must be None or str, not ${typeName(chars)}`);
  const set = new Set(Array.from(chars));
  const all = Array.from(text);
  let [start, end] = [0, all.length];
  if (side !== 'right') while (start < end && set.has(all[start] ?? '')) start += 1;
  if (side !== 'left') while (end > start && set.has(all[end - 1] ?? '')) end -= 1;
  return all.slice(start, end).join('');
}

/** `split` (from the left) and `rsplit`; `most` < 0 means all. */
export function splitWords(text: string, separator: Value | undefined, most: number, from: 'left' | 'right'): string[] {
  if (separator === null || separator === undefined) return splitBlanks(text, most, from);
  if (typeof separator !== 'string') throw typeError(`must be str or None, not ${typeName(separator)}`);
  if (separator === '') throw valueError('empty separator');
  const parts = from === 'left' ? text.split(separator) : splitFromRight(text, separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return from === 'left'
    ? [...parts.slice(0, most), parts.slice(most).join(separator)]
    : [parts.slice(0, parts.length - most).join(separator), ...parts.slice(parts.length - most)];
}

/** Separators that overlap are found from the end: 'aaa' by 'aa' is 'a', ''. */
function splitFromRight(text: string, separator: string): string[] {
  const parts: string[] = [];
  let end = text.length;
  for (;;) {
    const at = end < separator.length ? -1 : text.lastIndexOf(separator, end - separator.length);
    if (at === -1) return [text.slice(0, end), ...parts.toReversed()];
    parts.push(text.slice(at + separator.length, end));
    end = at;
  }
}

function splitBlanks(text: string, most: number, from: 'left' | 'right'): string[] {
  const words = [...text.matchAll(new RegExp(`[^${blanks}]+`, 'g'))];
  if (most < 0 || words.length <= most) return words.map(([word]) => word);
  if (from === 'left') {
    const rest = words[most];
    const head = words.slice(0, most).map(([word]) => word);
    return rest === undefined ? head : [...head, text.slice(rest.index).replace(trailing, '')];
  }
  const kept = words.length - most;
  const last = words[kept - 1];
  const tail = words.slice(kept).map(([word]) => word);
  return last === undefined ? tail : [text.slice(0, last.index + last[0].length).replace(leading, ''), ...tail];
}

/** `str.splitlines()` */
export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines =
    text.match(
      /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/g,
    ) ?? [];
  return keepEnds ? lines : lines.map((line) => line.replace(/(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/, ''));
}
