import { PyDict } from '../python/dict.ts';
import { floatText } from '../python/float-text.ts';
import { PyDate, PyTuple, type Value } from '../python/value.ts';
import { resolvePlain, tags } from './node.ts';

/** Longest document that is written, in characters: aliases may stand for far more than they are long. */
const longestDocument = 16_777_216;

/**
 * A value as YAML that PyYAML and every reader of YAML 1.1 or 1.2 reads back as the same value.
 *
 * @throws RangeError when the text would be longer than 16 Mi characters
 */
export function dumpYaml(value: Value): string {
  const emitter = new Emitter();
  emitter.node(value, 0, '');
  return emitter.text;
}

class Emitter {
  readonly #parts: string[] = [];
  #length = 0;

  get text(): string {
    return this.#parts.join('');
  }

  #write(text: string): void {
    this.#length += text.length;
    if (this.#length > longestDocument) throw new RangeError('the document is too long');
    this.#parts.push(text);
  }

  /** @param lead what stands between the key or dash and a value on the same line */
  node(value: Value, indent: number, lead: string): void {
    const items = Array.isArray(value) ? value : value instanceof PyTuple ? value.items : undefined;
    if (items) return this.#list(items, indent, lead);
    if (value instanceof PyDict) return this.#mapping(value, indent, lead);
    this.#write(`${lead}${scalar(value, indent)}\n`);
  }

  #list(items: readonly Value[], indent: number, lead: string): void {
    if (items.length === 0) return this.#write(`${lead}[]\n`);
    if (lead === ' ') this.#write('\n');
    for (const [index, item] of items.entries()) {
      this.#write(`${lead === '- ' && index === 0 ? ' ' : ' '.repeat(indent)}-`);
      this.#inner(item, indent);
    }
  }

  /** A value after a dash: its own dashes and keys go on the same line. */
  #inner(item: Value, indent: number): void {
    const isEmpty = (Array.isArray(item) && item.length === 0) || (item instanceof PyDict && item.size === 0);
    if (item instanceof PyDict && !isEmpty) return this.#mapping(item, indent + 2, '- ');
    if ((Array.isArray(item) || item instanceof PyTuple) && !isEmpty) {
      return this.#list(Array.isArray(item) ? item : item.items, indent + 2, '- ');
    }
    this.node(item, indent + 2, ' ');
  }

  #mapping(dict: PyDict, indent: number, lead: string): void {
    if (dict.size === 0) return this.#write(`${lead}{}\n`);
    if (lead === ' ') this.#write('\n');
    let first = true;
    for (const [key, value] of dict.entries()) {
      this.#write(`${lead === '- ' && first ? ' ' : ' '.repeat(indent)}${keyText(key, indent)}:`);
      this.node(value, indent + 2, ' ');
      first = false;
    }
  }
}

function keyText(key: Value, indent: number): string {
  const text = scalar(key, -1);
  // Readers stop looking for the ':' after 1024 characters, unless the key has a '?'.
  return text.length > 1000 ? `? ${text}\n${' '.repeat(indent)}` : text;
}

/** One value on one line, or a block of lines at an indentation ≥ 0. */
function scalar(value: Value, indent: number): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return yamlFloat(value);
  if (typeof value === 'string') return yamlText(value, indent);
  if (value instanceof PyDate) return value.typeName === 'datetime.date' ? value.text : yamlText(value.text, indent);
  throw new RangeError('only data can be written as YAML');
}

function yamlFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = floatText(value);
  // YAML 1.1 knows no float without a point: 1e-07 would be a text.
  return text.includes('.') ? text : text.replace('e', '.0e');
}

// YAML 1.2 reads these as numbers where 1.1 doesn't.
const numberElsewhere = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|^[-+]?0o[0-7]+$|^[yYnN]$/;
const plainStart = /^[A-Za-z0-9_/.$(+]/;
// Without U+2028 and U+2029, which end lines in YAML 1.1.
const plainText = /^[\x20-\x7e\u{a1}-\u{2027}\u{202a}-\u{d7ff}]*$/u;
/** Lines that a block of lines can hold as they are. */
const blockText =
  /^[\t\n\x20-\x7e\u{a1}-\u{2027}\u{202a}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;

function yamlText(text: string, indent: number): string {
  const isPlain =
    plainStart.test(text) &&
    plainText.test(text) &&
    !/: |:$| #|\s$|[{}[\],]/.test(text) &&
    !/^(---|\.\.\.)/.test(text) &&
    resolvePlain(text) === tags.str &&
    !numberElsewhere.test(text);
  if (isPlain) return text;
  if (indent >= 0 && text.includes('\n') && blockText.test(text) && /^[^\s]/.test(text)) return block(text, indent);
  if (plainText.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return doubleQuoted(text);
}

function block(text: string, indent: number): string {
  const chomping = text.endsWith('\n') ? (text.endsWith('\n\n') ? '+' : '') : '-';
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  const space = ' '.repeat(Math.max(indent, 1));
  return `|${chomping}\n${lines.map((line) => (line === '' ? '' : `${space}${line}`)).join('\n')}`;
}

function doubleQuoted(text: string): string {
  const escaped = text.replaceAll(
    /["\\]|[^\x20-\x7e\u{a1}-\u{2027}\u{202a}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]/gu,
    (char) => {
      const short = shortEscapes.get(char);
      if (short !== undefined) return short;
      const hex = (char.codePointAt(0) ?? 0).toString(16);
      return hex.length <= 2
        ? `\\x${hex.padStart(2, '0')}`
        : hex.length <= 4
          ? `\\u${hex.padStart(4, '0')}`
          : `\\U${hex.padStart(8, '0')}`;
    },
  );
  return `"${escaped}"`;
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', String.raw`\"`],
  ['\\', '\\\\'],
  ['\n', String.raw`\n`],
  ['\t', String.raw`\t`],
  ['\r', String.raw`\r`],
]);
