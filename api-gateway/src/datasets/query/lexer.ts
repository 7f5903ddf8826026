import { QueryError } from './query.ts';

/** Words that are no names, in upper case; they are read in any case. */
const keywords = ['AND', 'OR', 'NOT', 'IN', 'CONTAINS', 'KEY', 'LEN', 'ORDER', 'BY', 'ASC', 'DESC', 'LIMIT'] as const;
export type Keyword = (typeof keywords)[number];

/** A piece of a query. `at` is its offset in the text. */
export type Token = { readonly at: number; readonly text: string } & (
  | { readonly kind: 'keyword'; readonly word: Keyword }
  /** `name`, `label.robot.arm-2`: steps between dots; a step may be quoted. */
  | { readonly kind: 'path'; readonly steps: readonly string[] }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'symbol' }
  | { readonly kind: 'end' }
);

const longest = 8_192;
const mostTokens = 2_048;
const longestWord = 256;

const space = /[ \t\r\n]+/y;
const symbol = /<=|>=|!=|[=<>(),[\]]/y;
const number = /[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y;
const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy;
const word = /[A-Za-z_][\w-]*/y;

/**
 * Cuts a query into pieces; the last one is the end.
 *
 * @throws QueryError for what is no piece, and for more text than a query may have
 */
export function tokensOf(text: string): Token[] {
  if (text.length > longest) throw new QueryError(text, longest, `a query has at most ${longest} characters`);
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    at += take(space)?.length ?? 0;
    if (at >= text.length) return [...tokens, { kind: 'end', at: text.length, text: '' }];
    if (tokens.length >= mostTokens) throw new QueryError(text, at, `a query has at most ${mostTokens} words`);
    const token = next(text, at, take);
    tokens.push(token);
    at += token.text.length;
  }
}

function next(text: string, at: number, take: (pattern: RegExp) => string | undefined): Token {
  const digits = take(number);
  if (digits !== undefined) {
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new QueryError(text, at, `${digits} is too large for a number`);
    return { kind: 'value', at, text: digits, value };
  }
  const string = take(quoted);
  if (string !== undefined) return { kind: 'value', at, text: string, value: unquoted(text, at, string) };
  const sign = take(symbol);
  if (sign !== undefined) return { kind: 'symbol', at, text: sign };
  const first = take(word);
  if (first !== undefined) return wordToken(text, at, first);
  if (text[at] === '"' || text[at] === "'") throw new QueryError(text, at, 'the text that begins here has no end');
  const found = String.fromCodePoint(text.codePointAt(at) ?? 0);
  throw new QueryError(text, at, `${JSON.stringify(found)} can't stand here; texts are "quoted"`);
}

function wordToken(text: string, at: number, first: string): Token {
  const upper = first.toUpperCase();
  const keyword = keywords.find((each) => each === upper);
  const dotted = text[at + first.length] === '.';
  if (!dotted && keyword !== undefined) return { kind: 'keyword', at, text: first, word: keyword };
  const constant = { TRUE: true, FALSE: false, NULL: null }[upper];
  if (!dotted && constant !== undefined) return { kind: 'value', at, text: first, value: constant };
  const steps = [first];
  let end = at + first.length;
  while (text[end] === '.') {
    const step = stepAt(text, end + 1);
    steps.push(step.name);
    end = step.end;
  }
  return { kind: 'path', at, text: text.slice(at, end), steps };
}

/** One step of a path behind a dot: a word, digits, or quoted. */
function stepAt(text: string, at: number): { name: string; end: number } {
  for (const pattern of [/[\w-]+/y, quoted]) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    const name = pattern === quoted ? unquoted(text, at, found) : found;
    if (name.length > longestWord) throw new QueryError(text, at, `a name has at most ${longestWord} characters`);
    return { name, end: at + found.length };
  }
  throw new QueryError(text, at, 'a name must follow the dot, such as label.robot; others than letters are "quoted"');
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" };

function unquoted(text: string, at: number, string: string): string {
  return string.slice(1, -1).replaceAll(/\\(.)/gs, (all: string, escaped: string, offset: number) => {
    const meant = escapes[escaped];
    if (meant !== undefined) return meant;
    throw new QueryError(text, at + 1 + offset, `${all} is no escape; there are \\n \\t \\r \\\\ \\" and \\'`);
  });
}
