import { Reader } from './reader.ts';
import { atDocumentMark, scanBlockScalar, scanLineBreak, scanPlain, scanQuoted } from './scalar-scanner.ts';
import { scanAnchor, scanDirective, scanTag } from './tag-scanner.ts';
import { YamlError } from './yaml-error.ts';
import { endOrBlanks, endOrBreaks, type YamlToken, type YamlTokenType } from './yaml-token.ts';

/** A place where a key without `?` may have begun. */
interface SimpleKey {
  readonly tokenNumber: number;
  readonly required: boolean;
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** Longest key without `?`, in characters. */
const longestSimpleKey = 1024;

/**
 * PyYAML's scanner: cuts a text into tokens. It follows the same rules in the same order, since what PyYAML accepts is
 * known only from them: it is neither YAML 1.1 nor 1.2 to the letter.
 */
export class Scanner {
  readonly #reader: Reader;
  readonly #tokens: YamlToken[] = [];
  readonly #indents: number[] = [];
  readonly #simpleKeys = new Map<number, SimpleKey>();
  #taken = 0;
  #flowLevel = 0;
  #indent = -1;
  #allowSimpleKey = true;
  #done = false;

  constructor(text: string) {
    this.#reader = new Reader(text);
    this.#push('streamStart');
  }

  /** The next token, which stays. */
  peek(): YamlToken {
    while (this.#needsMore()) this.#fetch();
    return this.#tokens[0] ?? { type: 'streamEnd', offset: this.#reader.index, value: '' };
  }

  /** Takes the next token. */
  next(): YamlToken {
    const token = this.peek();
    this.#tokens.shift();
    this.#taken += 1;
    return token;
  }

  /** Whether the next token is of one of the types. */
  is(...types: readonly YamlTokenType[]): boolean {
    return types.includes(this.peek().type);
  }

  #push(type: YamlTokenType, offset = this.#reader.index): void {
    this.#tokens.push({ type, offset, value: '' });
  }

  #needsMore(): boolean {
    if (this.#done) return false;
    if (this.#tokens.length === 0) return true;
    this.#dropStaleKeys();
    for (const { tokenNumber } of this.#simpleKeys.values()) if (tokenNumber === this.#taken) return true;
    return false;
  }

  #fetch(): void {
    const reader = this.#reader;
    this.#skipToToken();
    this.#dropStaleKeys();
    this.#unwind(reader.column);
    const char = reader.peek();
    if (char === '\0' && reader.index >= reader.text.length - 1) return this.#streamEnd();
    if (char === '%' && reader.column === 0) return this.#directive();
    if (reader.column === 0 && atDocumentMark(reader)) return this.#documentMark(char);
    const flow = flowTokens.get(char);
    if (flow !== undefined) return this.#flow(flow, char);
    const blankFollows = reader.at(endOrBlanks, 1);
    if (char === '-' && blankFollows) return this.#blockEntry();
    if (char === '?' && (this.#flowLevel > 0 || blankFollows)) return this.#key();
    if (char === ':' && (this.#flowLevel > 0 || blankFollows)) return this.#value();
    if (char === '*' || char === '&') return this.#simple(() => scanAnchor(reader));
    if (char === '!') return this.#simple(() => scanTag(reader));
    if ((char === '|' || char === '>') && this.#flowLevel === 0) return this.#blockScalar();
    if (char === "'" || char === '"') return this.#simple(() => scanQuoted(reader));
    if (this.#plainStarts(char)) return this.#plain();
    throw this.#noToken(char);
  }

  #noToken(char: string): YamlError {
    const shown = char === '\t' ? 'a tab' : `'${char}'`;
    const hint = char === '\t' ? 'indent with blanks' : 'put it in quotes';
    return new YamlError(`no value can start with ${shown}; ${hint}`, this.#reader.index);
  }

  #plainStarts(char: string): boolean {
    if (!`${endOrBlanks}-?:,[]{}#&*!|>'"%@\``.includes(char)) return true;
    if (this.#reader.at(endOrBlanks, 1)) return false;
    return char === '-' || (this.#flowLevel === 0 && (char === '?' || char === ':'));
  }

  #skipToToken(): void {
    const reader = this.#reader;
    if (reader.index === 0 && reader.peek() === '\uFEFF') reader.forward();
    for (;;) {
      while (reader.peek() === ' ') reader.forward();
      if (reader.peek() === '#') while (!reader.at(endOrBreaks)) reader.forward();
      if (scanLineBreak(reader) === '') return;
      if (this.#flowLevel === 0) this.#allowSimpleKey = true;
    }
  }

  #dropStaleKeys(): void {
    for (const [level, key] of this.#simpleKeys) {
      if (key.line === this.#reader.line && this.#reader.index - key.index <= longestSimpleKey) continue;
      if (key.required) throw new YamlError("this line has no ':' after its key", key.index);
      this.#simpleKeys.delete(level);
    }
  }

  #saveSimpleKey(): void {
    if (!this.#allowSimpleKey) return;
    const { index, line, column } = this.#reader;
    this.#removeSimpleKey();
    this.#simpleKeys.set(this.#flowLevel, {
      tokenNumber: this.#taken + this.#tokens.length,
      required: this.#flowLevel === 0 && this.#indent === column,
      index,
      line,
      column,
    });
  }

  #removeSimpleKey(): void {
    const key = this.#simpleKeys.get(this.#flowLevel);
    if (key?.required === true) throw new YamlError("this line has no ':' after its key", key.index);
    this.#simpleKeys.delete(this.#flowLevel);
  }

  #unwind(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#indent = this.#indents.pop() ?? -1;
      this.#push('blockEnd');
    }
  }

  #addIndent(column: number): boolean {
    if (this.#indent >= column) return false;
    this.#indents.push(this.#indent);
    this.#indent = column;
    return true;
  }

  #streamEnd(): void {
    this.#unwind(-1);
    this.#removeSimpleKey();
    this.#allowSimpleKey = false;
    this.#simpleKeys.clear();
    this.#push('streamEnd');
    this.#done = true;
  }

  #directive(): void {
    this.#unwind(-1);
    this.#removeSimpleKey();
    this.#allowSimpleKey = false;
    this.#tokens.push(scanDirective(this.#reader));
  }

  #documentMark(char: string): void {
    this.#unwind(-1);
    this.#removeSimpleKey();
    this.#allowSimpleKey = false;
    this.#push(char === '-' ? 'documentStart' : 'documentEnd');
    this.#reader.forward(3);
  }

  #flow(type: YamlTokenType, char: string): void {
    const opens = char === '[' || char === '{';
    if (opens) this.#saveSimpleKey();
    else this.#removeSimpleKey();
    if (opens) this.#flowLevel += 1;
    else if (char !== ',') this.#flowLevel -= 1;
    this.#allowSimpleKey = opens || char === ',';
    this.#push(type);
    this.#reader.forward();
  }

  #blockEntry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#allowSimpleKey)
        throw new YamlError("a list ('-') can't start here; put it on a line of its own", this.#reader.index);
      if (this.#addIndent(this.#reader.column)) this.#push('blockSequenceStart');
    }
    this.#allowSimpleKey = true;
    this.#removeSimpleKey();
    this.#push('blockEntry');
    this.#reader.forward();
  }

  #key(): void {
    if (this.#flowLevel === 0) {
      if (!this.#allowSimpleKey) throw new YamlError("a key ('?') can't start here", this.#reader.index);
      if (this.#addIndent(this.#reader.column)) this.#push('blockMappingStart');
    }
    this.#allowSimpleKey = this.#flowLevel === 0;
    this.#removeSimpleKey();
    this.#push('key');
    this.#reader.forward();
  }

  #value(): void {
    const key = this.#simpleKeys.get(this.#flowLevel);
    if (key) {
      this.#simpleKeys.delete(this.#flowLevel);
      const at = key.tokenNumber - this.#taken;
      const starts = this.#flowLevel === 0 && this.#addIndent(key.column);
      const start: YamlToken[] = starts ? [{ type: 'blockMappingStart', offset: key.index, value: '' }] : [];
      this.#tokens.splice(at, 0, ...start, { type: 'key', offset: key.index, value: '' });
      this.#allowSimpleKey = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#allowSimpleKey) {
          throw new YamlError("a second ': ' on one line; put the value in quotes", this.#reader.index);
        }
        if (this.#addIndent(this.#reader.column)) this.#push('blockMappingStart');
      }
      this.#allowSimpleKey = this.#flowLevel === 0;
      this.#removeSimpleKey();
    }
    this.#push('value');
    this.#reader.forward();
  }

  /** A token that may be a key. */
  #simple(scan: () => YamlToken): void {
    this.#saveSimpleKey();
    this.#allowSimpleKey = false;
    this.#tokens.push(scan());
  }

  #blockScalar(): void {
    this.#allowSimpleKey = true;
    this.#removeSimpleKey();
    this.#tokens.push(scanBlockScalar(this.#reader, { indent: this.#indent, inFlow: false }));
  }

  #plain(): void {
    this.#saveSimpleKey();
    this.#allowSimpleKey = false;
    const { token, allowSimpleKey } = scanPlain(this.#reader, { indent: this.#indent, inFlow: this.#flowLevel > 0 });
    this.#allowSimpleKey = allowSimpleKey;
    this.#tokens.push(token);
  }
}

const flowTokens: ReadonlyMap<string, YamlTokenType> = new Map([
  ['[', 'flowSequenceStart'],
  ['{', 'flowMappingStart'],
  [']', 'flowSequenceEnd'],
  ['}', 'flowMappingEnd'],
  [',', 'flowEntry'],
]);
