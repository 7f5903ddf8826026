import { RecipeError } from '../problem.ts';
import { specialTokenLength } from './special-tokens.ts';
import { unescapeString } from './string-literal.ts';
import type { Token, TokenType } from './token.ts';

// The patterns are Jinja's, for its default delimiters. `\s` is Python's, which has \x1c to \x1f too and lacks U+FEFF.
const blank = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const sticky = (source: string): RegExp => new RegExp(source.replaceAll(String.raw`\s`, blank), 'iyu');
const rawBegin = new RegExp(`\\{%[-+]?${blank}*raw${blank}*(-%\\}${blank}*|%\\})`, 'y');
const rawEnd = new RegExp(`\\{%([-+]?)${blank}*endraw${blank}*(\\+%\\}|-%\\}${blank}*|%\\})`, 'g');
const commentEnd = new RegExp(`(\\+#\\}|-#\\}${blank}*|#\\})`, 'g');
const blockEnd = sticky(String.raw`(?:\+%\}|-%\}\s*|%\})`);
const variableEnd = sticky(String.raw`(?:-\}\}\s*|\}\})`);
const trailingBlanks = new RegExp(`${blank}+$`);
const rules: readonly (readonly [TokenType | 'blank', RegExp])[] = [
  ['blank', sticky(String.raw`\s+`)],
  [
    'float',
    sticky(
      String.raw`(?<!\.)(?:[0-9]+_)*[0-9]+(?:(?:\.(?:[0-9]+_)*[0-9]+)?e[+\-]?(?:[0-9]+_)*[0-9]+|\.(?:[0-9]+_)*[0-9]+)`,
    ),
  ],
  ['integer', sticky(String.raw`(?:0b(?:_?[0-1])+|0o(?:_?[0-7])+|0x(?:_?[0-9a-f])+|[1-9](?:_?[0-9])*|0(?:_?0)*)`)],
  ['name', sticky(String.raw`[\p{L}\p{N}\p{M}_]+`)],
  ['string', sticky(String.raw`(?:'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*")`)],
  ['operator', sticky(String.raw`(?:\/\/|\*\*|==|!=|>=|<=|[-+\/*%~\[\](){}>=<.:|,;])`)],
];
const identifier = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
const closing: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };

/**
 * The tokens of a template, as Jinja cuts it, but for the special tokens, which are data.
 *
 * @param source text whose lines end with `\n`
 * @throws RecipeError for what Jinja's lexer refuses
 */
export function tokenize(source: string): Token[] {
  return new Lexer(source).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #position = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    let dataStart = 0;
    while (this.#position < this.#source.length) {
      const begin = this.#nextTag();
      if (begin === undefined) break;
      const sign = this.#source[begin + 2];
      this.#data(dataStart, begin, sign === '-');
      this.#position = begin;
      this.#tag();
      dataStart = this.#position;
    }
    this.#data(dataStart, this.#source.length, false);
    this.#push('end', '', this.#source.length);
    return this.#tokens;
  }

  /** Offset of the next `{%`, `{{` or `{#` that isn't a special token. */
  #nextTag(): number | undefined {
    const tag = /\{[{%#]/g;
    tag.lastIndex = this.#position;
    for (let match = tag.exec(this.#source); match; match = tag.exec(this.#source)) {
      const length = specialTokenLength(this.#source, match.index);
      if (length === 0) return match.index;
      tag.lastIndex = match.index + length;
    }
    return undefined;
  }

  #data(start: number, end: number, strip: boolean): void {
    const text = this.#source.slice(start, end);
    const kept = strip ? text.replace(trailingBlanks, '') : text;
    if (kept !== '') this.#push('data', kept, start);
  }

  #push(type: TokenType, value: string, offset: number): void {
    this.#tokens.push({ type, value, offset });
  }

  #tag(): void {
    const start = this.#position;
    const raw = matchAt(rawBegin, this.#source, start);
    if (raw !== undefined) return this.#raw(start, raw.length);
    const kind = this.#source[start + 1];
    const sign = /[-+]/.test(this.#source[start + 2] ?? '') ? 1 : 0;
    this.#position = start + 2 + sign;
    if (kind === '#') return this.#comment(start);
    this.#push(kind === '%' ? 'blockBegin' : 'variableBegin', '', start);
    this.#expression(kind === '%' ? 'blockEnd' : 'variableEnd', start);
  }

  #raw(start: number, length: number): void {
    rawEnd.lastIndex = start + length;
    const end = rawEnd.exec(this.#source);
    if (!end) throw new RecipeError('the raw block has no end: write {% endraw %}', start);
    this.#data(start + length, end.index, end[1] === '-');
    this.#position = end.index + end[0].length;
  }

  #comment(start: number): void {
    commentEnd.lastIndex = this.#position;
    const end = commentEnd.exec(this.#source);
    if (!end) throw new RecipeError('the comment has no end: write #}', start);
    this.#position = end.index + end[0].length;
  }

  #expression(end: 'blockEnd' | 'variableEnd', start: number): void {
    const brackets: string[] = [];
    const endRule = end === 'blockEnd' ? blockEnd : variableEnd;
    while (this.#position < this.#source.length) {
      const offset = this.#position;
      const closed = brackets.length === 0 ? matchAt(endRule, this.#source, offset) : undefined;
      if (closed !== undefined) {
        this.#position += closed.length;
        return this.#push(end, '', offset);
      }
      this.#token(brackets);
    }
    const closer = end === 'blockEnd' ? '%}' : '}}';
    const missing = brackets.at(-1);
    const reason = missing === undefined ? `write ${closer}` : `'${missing}' is missing`;
    throw new RecipeError(`the tag that starts here has no end: ${reason}`, start);
  }

  #token(brackets: string[]): void {
    const offset = this.#position;
    for (const [type, rule] of rules) {
      const text = matchAt(rule, this.#source, offset);
      if (text === undefined) continue;
      this.#position += text.length;
      if (type === 'operator') this.#balance(text, brackets, offset);
      if (type !== 'blank') this.#push(type, valueOf(type, text, offset), offset);
      return;
    }
    const char = String.fromCodePoint(this.#source.codePointAt(offset) ?? 0);
    throw new RecipeError(`unexpected character '${char}' in a template expression`, offset);
  }

  #balance(operator: string, brackets: string[], offset: number): void {
    const closer = closing[operator];
    if (closer !== undefined) brackets.push(closer);
    if (!['}', ')', ']'].includes(operator)) return;
    const expected = brackets.pop();
    if (expected === operator) return;
    const hint = expected === undefined ? 'nothing is open' : `expected '${expected}'`;
    throw new RecipeError(`unexpected '${operator}' in a template expression: ${hint}`, offset);
  }
}

function valueOf(type: TokenType, text: string, offset: number): string {
  if (type === 'string') return unescapeString(text.slice(1, -1), offset);
  if (type === 'integer' || type === 'float') return text.replaceAll('_', '');
  if (type === 'name' && !identifier.test(text)) {
    throw new RecipeError(
      `'${text}' is no name: names are letters, digits and '_' and don't start with a digit`,
      offset,
    );
  }
  return text;
}

function matchAt(rule: RegExp, text: string, offset: number): string | undefined {
  rule.lastIndex = offset;
  return rule.exec(text)?.[0];
}
