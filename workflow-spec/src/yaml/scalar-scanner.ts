import type { Reader } from './reader.ts';
import { YamlError } from './yaml-error.ts';
import { endOrBlanks, endOrBreaks, lineBreaks, type YamlToken } from './yaml-token.ts';

/** Where a scalar stands. */
export interface ScalarPlace {
  /** Indentation of the block that it is in. */
  readonly indent: number;
  /** Inside of `[…]` or `{…}`. */
  readonly inFlow: boolean;
}

/** Takes a line break and returns what it stands for, `''` when there is none. */
export function scanLineBreak(reader: Reader): string {
  const char = reader.peek();
  if (char === '\r' || char === '\n' || char === '\x85') {
    reader.forward(reader.prefix(2) === '\r\n' ? 2 : 1);
    return '\n';
  }
  if (char !== '\u2028' && char !== '\u2029') return '';
  reader.forward();
  return char;
}

/** Whether `---` or `...` stands here as a mark between documents. */
export function atDocumentMark(reader: Reader): boolean {
  const prefix = reader.prefix(3);
  return (prefix === '---' || prefix === '...') && reader.at(endOrBlanks, 3);
}

/** A scalar without quotes, and whether a simple key may follow it. */
export function scanPlain(
  reader: Reader,
  { indent, inFlow }: ScalarPlace,
): { token: YamlToken; allowSimpleKey: boolean } {
  const offset = reader.index;
  let value = '';
  let spaces = '';
  let allowSimpleKey = false;
  while (reader.peek() !== '#') {
    const length = plainLength(reader, inFlow);
    if (length === 0) break;
    allowSimpleKey = false;
    value += spaces + reader.prefix(length);
    reader.forward(length);
    const scanned = scanPlainSpaces(reader);
    allowSimpleKey ||= scanned.brokeLine;
    spaces = scanned.text;
    if (spaces === '' || (!inFlow && reader.column < indent + 1)) break;
  }
  return { token: { type: 'scalar', offset, value, plain: true }, allowSimpleKey };
}

function plainLength(reader: Reader, inFlow: boolean): number {
  const afterColon = inFlow ? `${endOrBlanks},[]{}` : endOrBlanks;
  let length = 0;
  while (!reader.at(endOrBlanks, length)) {
    if (reader.at(':', length) && reader.at(afterColon, length + 1)) break;
    if (inFlow && reader.at(',?[]{}', length)) break;
    length += 1;
  }
  return length;
}

/** Blanks between words of a plain scalar: what they stand for. Tabs end it. */
function scanPlainSpaces(reader: Reader): { text: string; brokeLine: boolean } {
  let length = 0;
  while (reader.at(' ', length)) length += 1;
  const blanks = reader.prefix(length);
  reader.forward(length);
  if (!reader.at(lineBreaks)) return { text: blanks, brokeLine: false };
  const lineBreak = scanLineBreak(reader);
  if (atDocumentMark(reader)) return { text: '', brokeLine: true };
  let breaks = '';
  while (reader.at(` ${lineBreaks}`)) {
    if (reader.peek() === ' ') reader.forward();
    else {
      breaks += scanLineBreak(reader);
      if (atDocumentMark(reader)) return { text: '', brokeLine: true };
    }
  }
  return { text: folded(lineBreak, breaks), brokeLine: true };
}

/** A line break between words is a blank, unless empty lines follow or it is one of a kind. */
function folded(lineBreak: string, breaks: string): string {
  if (lineBreak !== '\n') return lineBreak + breaks;
  return breaks === '' ? ' ' : breaks;
}

/** `|` or `>` and the lines below it. */
export function scanBlockScalar(reader: Reader, { indent: parent }: ScalarPlace): YamlToken {
  const offset = reader.index;
  const isFolded = reader.peek() === '>';
  reader.forward();
  const { chomping, increment } = scanIndicators(reader, offset);
  skipRestOfLine(reader, offset);
  const least = Math.max(parent + 1, 1);
  const { indent, breaks: first } =
    increment === undefined ? firstIndent(reader, least) : { indent: least + increment - 1, breaks: undefined };
  let breaks = first ?? scanBlockBreaks(reader, indent);
  let value = '';
  let lineBreak = '';
  while (reader.column === indent && reader.peek() !== '\0') {
    value += breaks;
    const startsWithWord = !reader.at(' \t');
    let length = 0;
    while (!reader.at(endOrBreaks, length)) length += 1;
    value += reader.prefix(length);
    reader.forward(length);
    lineBreak = scanLineBreak(reader);
    breaks = scanBlockBreaks(reader, indent);
    if (reader.column !== indent || reader.peek() === '\0') break;
    if (isFolded && lineBreak === '\n' && startsWithWord && !reader.at(' \t')) value += breaks === '' ? ' ' : '';
    else value += lineBreak;
  }
  if (chomping !== '-') value += lineBreak;
  if (chomping === '+') value += breaks;
  return { type: 'scalar', offset, value, plain: false };
}

function scanIndicators(reader: Reader, start: number): { chomping: string; increment: number | undefined } {
  let chomping = '';
  let increment: number | undefined;
  const takeChomping = (): void => {
    if (chomping !== '' || !reader.at('+-')) return;
    chomping = reader.peek();
    reader.forward();
  };
  takeChomping();
  if (reader.at('0123456789')) {
    increment = Number(reader.peek());
    if (increment === 0) throw new YamlError('the indentation of a block must be 1 to 9', reader.index);
    reader.forward();
    takeChomping();
  }
  if (reader.at(`${endOrBreaks} `)) return { chomping, increment };
  throw new YamlError("after '|' or '>' only '+', '-', a digit and a comment may follow", start);
}

/** Blanks and a comment up to the end of the line. */
export function skipRestOfLine(reader: Reader, start: number): void {
  while (reader.peek() === ' ') reader.forward();
  if (reader.peek() === '#') while (!reader.at(endOrBreaks)) reader.forward();
  if (!reader.at(endOrBreaks)) throw new YamlError('only a comment may follow on this line', start);
  scanLineBreak(reader);
}

function firstIndent(reader: Reader, least: number): { indent: number; breaks: string } {
  let breaks = '';
  let most = 0;
  while (reader.at(` ${lineBreaks}`)) {
    if (reader.peek() === ' ') {
      reader.forward();
      most = Math.max(most, reader.column);
    } else breaks += scanLineBreak(reader);
  }
  return { indent: Math.max(least, most), breaks };
}

function scanBlockBreaks(reader: Reader, indent: number): string {
  let breaks = '';
  const skip = (): void => {
    while (reader.column < indent && reader.peek() === ' ') reader.forward();
  };
  skip();
  while (reader.at(lineBreaks)) {
    breaks += scanLineBreak(reader);
    skip();
  }
  return breaks;
}

/** A scalar in quotes. */
export function scanQuoted(reader: Reader): YamlToken {
  const offset = reader.index;
  const quote = reader.peek();
  reader.forward();
  let value = scanQuotedText(reader, quote, offset);
  while (reader.peek() !== quote) {
    value += scanQuotedSpaces(reader, offset);
    value += scanQuotedText(reader, quote, offset);
  }
  reader.forward();
  return { type: 'scalar', offset, value, plain: false };
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\x08'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\x0b'],
  ['f', '\x0c'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);
const escapeLengths: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

function scanQuotedText(reader: Reader, quote: string, start: number): string {
  let text = '';
  for (;;) {
    let length = 0;
    while (!reader.at(`'"\\${endOrBlanks}`, length)) length += 1;
    text += reader.prefix(length);
    reader.forward(length);
    const char = reader.peek();
    if (quote === "'" && reader.prefix(2) === "''") {
      text += "'";
      reader.forward(2);
    } else if ((quote === '"' && char === "'") || (quote === "'" && (char === '"' || char === '\\'))) {
      text += char;
      reader.forward();
    } else if (quote === '"' && char === '\\') text += scanEscape(reader, start);
    else return text;
  }
}

function scanEscape(reader: Reader, start: number): string {
  reader.forward();
  const char = reader.peek();
  const simple = escapes.get(char);
  const length = escapeLengths.get(char);
  if (reader.at(lineBreaks)) {
    scanLineBreak(reader);
    return scanQuotedBreaks(reader, start);
  }
  if (simple === undefined && length === undefined) {
    throw new YamlError(
      `a text in double quotes has the unknown escape '\\${char}'; write '\\\\${char}', or use single quotes`,
      reader.index - 1,
    );
  }
  reader.forward();
  if (length === undefined) return simple ?? '';
  const digits = reader.prefix(length);
  const code = Number.parseInt(digits, 16);
  if (!new RegExp(`^[0-9a-fA-F]{${length}}$`).test(digits) || code > 0x10_ffff) {
    throw new YamlError(`the escape '\\${char}' needs ${length} hexadecimal digits of a character`, reader.index);
  }
  reader.forward(length);
  return String.fromCodePoint(code);
}

function scanQuotedSpaces(reader: Reader, start: number): string {
  let length = 0;
  while (reader.at(' \t', length)) length += 1;
  const blanks = reader.prefix(length);
  reader.forward(length);
  if (reader.peek() === '\0') throw new YamlError('the text in quotes that starts here has no end', start);
  if (!reader.at(lineBreaks)) return blanks;
  const lineBreak = scanLineBreak(reader);
  return folded(lineBreak, scanQuotedBreaks(reader, start));
}

function scanQuotedBreaks(reader: Reader, start: number): string {
  let breaks = '';
  for (;;) {
    if (atDocumentMark(reader)) throw new YamlError('the text in quotes that starts here has no end', start);
    while (reader.at(' \t')) reader.forward();
    if (!reader.at(lineBreaks)) return breaks;
    breaks += scanLineBreak(reader);
  }
}
