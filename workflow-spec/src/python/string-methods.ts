import { formatBraces } from './brace-format.ts';
import { bind, type ParameterSpec } from './signature.ts';
import { checked, indexOf } from './operators.ts';
import { iterate } from './iterate.ts';
import { characterCount, characters, sliceText } from './text.ts';
import { capitalized, isCased, splitLines, splitWords, stripped, titled } from './string-cases.ts';
import { type CallArguments, PyTuple, type Value, typeError, typeName, valueError } from './value.ts';

type Method = (self: string, args: CallArguments) => Value;

/** Methods of str that templates may call, by name. */
export const stringMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['upper', plain((self) => self.toUpperCase())],
  ['lower', plain((self) => self.toLowerCase())],
  ['casefold', plain((self) => self.toLowerCase().replaceAll('ß', 'ss'))],
  [
    'swapcase',
    plain((self) =>
      Array.from(self, (char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase())).join(''),
    ),
  ],
  ['capitalize', plain(capitalized)],
  ['title', plain(titled)],
  ['isdigit', plain((self) => /^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u.test(self))],
  ['isdecimal', plain((self) => /^\p{Nd}+$/u.test(self))],
  ['isnumeric', plain((self) => /^\p{N}+$/u.test(self))],
  ['isalpha', plain((self) => /^\p{L}+$/u.test(self))],
  ['isalnum', plain((self) => /^[\p{L}\p{N}]+$/u.test(self))],
  ['isspace', plain((self) => self !== '' && stripped(self, null, 'both') === '')],
  ['isupper', plain((self) => isCased(self) && self === self.toUpperCase())],
  ['islower', plain((self) => isCased(self) && self === self.toLowerCase())],
  ['isascii', plain((self) => /^[\x00-\x7f]*$/.test(self))],
  ['isidentifier', plain((self) => /^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(self))],
  ['istitle', plain((self) => isCased(self) && self === titled(self))],
  ['strip', method('strip', [['chars', null]], (self, chars) => stripped(self, chars, 'both'))],
  ['lstrip', method('lstrip', [['chars', null]], (self, chars) => stripped(self, chars, 'left'))],
  ['rstrip', method('rstrip', [['chars', null]], (self, chars) => stripped(self, chars, 'right'))],
  [
    'startswith',
    method('startswith', ['prefix', ['start', null], ['end', null]], (self, affix, start, end) =>
      hasAffix(part(self, start, end), affix, 'startsWith'),
    ),
  ],
  [
    'endswith',
    method('endswith', ['suffix', ['start', null], ['end', null]], (self, affix, start, end) =>
      hasAffix(part(self, start, end), affix, 'endsWith'),
    ),
  ],
  [
    'removeprefix',
    method('removeprefix', ['prefix'], (self, prefix) =>
      self.startsWith(text(prefix)) ? self.slice(text(prefix).length) : self,
    ),
  ],
  [
    'removesuffix',
    method('removesuffix', ['suffix'], (self, suffix) =>
      text(suffix) !== '' && self.endsWith(text(suffix)) ? self.slice(0, -text(suffix).length) : self,
    ),
  ],
  [
    'replace',
    method('replace', ['old', 'new', ['count', -1n]], (self, old, by, count) =>
      replaced(self, text(old), text(by), indexOf(count, 'count')),
    ),
  ],
  [
    'split',
    method(
      'split',
      [
        ['sep', null],
        ['maxsplit', -1n],
      ],
      (self, separator, most) => splitWords(self, separator, indexOf(most, 'maxsplit'), 'left'),
    ),
  ],
  [
    'rsplit',
    method(
      'rsplit',
      [
        ['sep', null],
        ['maxsplit', -1n],
      ],
      (self, separator, most) => splitWords(self, separator, indexOf(most, 'maxsplit'), 'right'),
    ),
  ],
  ['splitlines', method('splitlines', [['keepends', false]], (self, keep) => splitLines(self, keep === true))],
  [
    'partition',
    method('partition', ['sep'], (self, separator) =>
      partition(self, text(separator), self.indexOf(text(separator)), false),
    ),
  ],
  [
    'rpartition',
    method('rpartition', ['sep'], (self, separator) =>
      partition(self, text(separator), self.lastIndexOf(text(separator)), true),
    ),
  ],
  ['join', method('join', ['iterable'], (self, items) => joined(self, items))],
  ['find', search('find', (self, sub) => self.indexOf(sub))],
  ['rfind', search('rfind', (self, sub) => self.lastIndexOf(sub))],
  ['index', search('index', (self, sub) => found(self.indexOf(sub)))],
  ['rindex', search('rindex', (self, sub) => found(self.lastIndexOf(sub)))],
  [
    'count',
    method('count', ['sub', ['start', null], ['end', null]], (self, sub, start, end) =>
      BigInt(occurrences(part(self, start, end), text(sub))),
    ),
  ],
  [
    'center',
    method('center', ['width', ['fillchar', ' ']], (self, width, fill) => padded(self, width, fill, 'center')),
  ],
  ['ljust', method('ljust', ['width', ['fillchar', ' ']], (self, width, fill) => padded(self, width, fill, 'left'))],
  ['rjust', method('rjust', ['width', ['fillchar', ' ']], (self, width, fill) => padded(self, width, fill, 'right'))],
  ['zfill', method('zfill', ['width'], (self, width) => zeroFilled(self, indexOf(width, 'width')))],
  ['expandtabs', method('expandtabs', [['tabsize', 8n]], (self, size) => expanded(self, indexOf(size, 'tabsize')))],
  ['format', formatBraces],
]);

function plain(run: (self: string) => Value): Method {
  return (self, args) => {
    bind('method', [], args);
    return run(self);
  };
}

function method(
  name: string,
  parameters: readonly ParameterSpec[],
  run: (self: string, ...values: Value[]) => Value,
): Method {
  return (self, args) => run(self, ...bind(name, parameters, args));
}

function search(name: string, find: (self: string, sub: string) => number): Method {
  return method(name, ['sub', ['start', null], ['end', null]], (self, sub, start, end) => {
    const [from, to] = range(self, start ?? null, end ?? null);
    const at = from > to ? found(-1, name) : find(sliceText(self, from, to), text(sub ?? null));
    const before = sliceText(self, from, to).slice(0, Math.max(at, 0));
    return BigInt(at < 0 ? -1 : from + characterCount(before));
  });
}

function found(at: number, name = 'index'): number {
  if (at === -1 && name.includes('index')) throw valueError('substring not found');
  return at;
}

/** The value, which must be a str. */
function text(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw typeError(`must be str, not ${typeName(value ?? null)}`);
}

function range(self: string, start: Value | undefined, end: Value | undefined): [number, number] {
  const size = characterCount(self);
  const clamp = (value: Value | undefined, otherwise: number): number => {
    if (value === null || value === undefined) return otherwise;
    const index = indexOf(value, 'slice indices');
    return Math.min(Math.max(index < 0 ? index + size : index, 0), index < 0 ? size : Math.max(size, index));
  };
  return [clamp(start, 0), Math.min(clamp(end, size), size)];
}

function part(self: string, start: Value | undefined, end: Value | undefined): string {
  const [from, to] = range(self, start, end);
  return from > to ? '' : sliceText(self, from, to);
}

function hasAffix(self: string, affix: Value | undefined, test: 'startsWith' | 'endsWith'): boolean {
  const affixes = affix instanceof PyTuple ? affix.items : [affix];
  return affixes.some((one) => self[test](text(one)));
}

function replaced(self: string, old: string, by: string, count: number): string {
  if (count === 0) return self;
  const total = old === '' ? characterCount(self) + 1 : occurrences(self, old);
  const times = count < 0 ? total : Math.min(count, total);
  return checked(self.length + times * Math.max(0, by.length - old.length), () => {
    const pieces = old === '' ? ['', ...Array.from(self), ''] : self.split(old);
    if (old === '') {
      const chars = Array.from(self);
      const head = chars.slice(0, times).map((char) => `${by}${char}`);
      return `${head.join('')}${chars.slice(times).join('')}${times > chars.length ? by : ''}`;
    }
    return [pieces.slice(0, times + 1).join(by), ...pieces.slice(times + 1)].join(old);
  });
}

function occurrences(self: string, sub: string): number {
  return sub === '' ? characterCount(self) + 1 : self.split(sub).length - 1;
}

function partition(self: string, separator: string, at: number, last: boolean): PyTuple {
  if (separator === '') throw valueError('empty separator');
  if (at === -1) return new PyTuple(last ? ['', '', self] : [self, '', '']);
  return new PyTuple([self.slice(0, at), separator, self.slice(at + separator.length)]);
}

function joined(separator: string, items: Value | undefined): string {
  const parts = Array.from(iterate(items ?? null), (item, index) => {
    if (typeof item === 'string') return item;
    throw typeError(`sequence item ${index}: expected str instance, ${typeName(item)} found`);
  });
  const size = parts.reduce((sum, { length }) => sum + length + separator.length, 0);
  return checked(size, () => parts.join(separator));
}

function padded(
  self: string,
  width: Value | undefined,
  fill: Value | undefined,
  align: 'center' | 'left' | 'right',
): string {
  const char = text(fill);
  if (characters(char).length !== 1) throw typeError('The fill character must be exactly one character long');
  const wide = indexOf(width ?? null, 'width');
  const missing = Math.max(0, wide - characterCount(self));
  return checked(missing, () => {
    // CPython's rule for the odd blank: on the left when the width is odd too.
    const left = align === 'left' ? 0 : align === 'right' ? missing : Math.floor(missing / 2) + (missing & wide & 1);
    return `${char.repeat(left)}${self}${char.repeat(missing - left)}`;
  });
}

function zeroFilled(self: string, width: number): string {
  const missing = Math.max(0, width - characterCount(self));
  const sign = /^[+-]/.test(self) ? self.slice(0, 1) : '';
  return checked(missing, () => `${sign}${'0'.repeat(missing)}${self.slice(sign.length)}`);
}

function expanded(self: string, size: number): string {
  let column = 0;
  let out = '';
  for (const char of self) {
    if (char === '\t') {
      const width = size > 0 ? size - (column % size) : 0;
      out = checked(out.length + width, () => `${out}${' '.repeat(width)}`);
      column += width;
    } else {
      out += char;
      column = char === '\n' || char === '\r' ? 0 : column + 1;
    }
  }
  return out;
}
