import { RequestError } from '../../http/errors.ts';

/** What of a file is to be sent: all of it, a part, or nothing since the caller has it. */
export type Part =
  { status: 200; offset: 0; length: number } | { status: 206; offset: number; length: number } | { status: 304 };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * What a request asks for of a file (RFC 9110, 13.1.2, 13.1.5 and 14.2). Several ranges, units other than bytes and what can't be read count as
 * no range at all, which the RFC allows; so does a range of another version of the file (`If-Range`).
 *
 * @param tag strong, in quotes
 * @param size of the file, bytes
 * @throws RequestError 416 for a range behind the end
 */
export function partOf(headers: Headers, tag: string, size: number): Part {
  const known = one(headers['if-none-match']);
  if (known !== undefined && (known.trim() === '*' || tagsIn(known).includes(tag))) return { status: 304 };
  const whole = { status: 200, offset: 0, length: size } as const;
  const [, first = '', last = ''] =
    /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(one(headers['range']) ?? '') ?? [];
  if (first === '' && last === '') return whole;
  // A weak tag, and a date, say nothing certain about each byte.
  const of = one(headers['if-range']);
  if (of !== undefined && of.trim() !== tag) return whole;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return whole;
  const offset = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (offset < end) return { status: 206, offset, length: end - offset };
  throw new RequestError(416, 'USAGE', `range: the file has ${size} bytes, none of them in ${one(headers['range'])}`, {
    headers: { 'content-range': `bytes */${size}` },
  });
}

const one = (value: string | string[] | undefined): string | undefined => [value].flat()[0];

const tagsIn = (list: string): string[] => list.split(',').map((each) => each.trim().replace(/^W\//, ''));
