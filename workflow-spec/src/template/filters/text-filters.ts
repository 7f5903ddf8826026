import { truthy } from '../../python/compare.ts';
import { PyDict } from '../../python/dict.ts';
import { iterate } from '../../python/iterate.ts';
import { length } from '../../python/iterate.ts';
import { checked, indexOf } from '../../python/operators.ts';
import { formatPercent } from '../../python/percent-format.ts';
import { capitalized, splitLines, stripped } from '../../python/string-cases.ts';
import { stringMethods } from '../../python/string-methods.ts';
import { positionalOnly } from '../../python/signature.ts';
import { characterCount, sliceText, str } from '../../python/text.ts';
import { PyTuple, type Value, typeError, typeName } from '../../python/value.ts';
import type { Filter } from '../environment.ts';
import { filter, filterError, openFilter, textFilter } from './define.ts';

/** Filters of texts. */
export const textFilters: readonly [string, Filter][] = [
  textFilter('upper', [], (text) => text.toUpperCase()),
  textFilter('lower', [], (text) => text.toLowerCase()),
  textFilter('capitalize', [], (text) => capitalized(text)),
  textFilter('title', [], title),
  textFilter('trim', [['chars', null]], (text, [chars]) => stripped(text, chars, 'both')),
  textFilter('string', [], (text) => text),
  // Nothing is escaped unless it is asked for, so there is no second kind of text that is safe already.
  textFilter('safe', [], (text) => text),
  textFilter('escape', [], escapeHtml),
  textFilter('e', [], escapeHtml),
  textFilter('forceescape', [], escapeHtml),
  textFilter('center', [['width', 80n]], (text, [width = null]) => call(text, 'center', width)),
  textFilter('wordcount', [], (text) => BigInt(text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)),
  textFilter('striptags', [], stripTags),
  textFilter('replace', ['old', 'new', ['count', null]], (text, [old = null, by = null, count = null]) =>
    call(text, 'replace', str(old), str(by), count ?? -1n),
  ),
  filter(
    'indent',
    [
      ['width', 4n],
      ['first', false],
      ['blank', false],
    ],
    indent,
  ),
  filter(
    'truncate',
    [
      ['length', 255n],
      ['killwords', false],
      ['end', '...'],
      ['leeway', null],
    ],
    truncate,
  ),
  filter('urlencode', [], urlEncode),
  openFilter('format', (value, { positional, named }) => {
    if (positional.length > 0 && named.size > 0) {
      throw filterError("can't handle positional and keyword arguments at the same time");
    }
    return formatPercent(str(value), named.size > 0 ? new PyDict(named) : new PyTuple(positional));
  }),
];

function call(text: string, method: string, ...args: Value[]): Value {
  return stringMethods.get(method)?.(text, positionalOnly(...args)) ?? null;
}

/** Jinja's own notion of words: after `-`, a blank, or an opening bracket. */
function title(text: string): string {
  return text
    .split(/([-\s({[<]+)/)
    .map((word) => {
      const [first = '', ...rest] = Array.from(word);
      return first.toUpperCase() + rest.join('').toLowerCase();
    })
    .join('');
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    "'": '&#39;',
    '"': '&#34;',
  };
  return text.replaceAll(/[&<>'"]/g, (char) => entities[char] ?? char);
}

function stripTags(text: string): string {
  const bare = text.replaceAll(/<!--[^]*?-->/g, '').replaceAll(/<[^>]*>/g, '');
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#34': '"' };
  return bare
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ')
    .replaceAll(/&(amp|lt|gt|quot|#39|#34);/g, (_, name: string) => entities[name] ?? '');
}

function indent(value: Value, [width = null, first = null, blank = null]: readonly Value[]): string {
  if (typeof value !== 'string') throw typeError(`unsupported operand type(s) for +=: '${typeName(value)}' and 'str'`);
  const space =
    typeof width === 'string'
      ? width
      : ' '.repeat(checked(indexOf(width, 'width'), () => Math.max(0, indexOf(width, 'width'))));
  const lines = splitLines(`${value}\n`, false);
  return checked(value.length + lines.length * space.length, () => {
    const [head = '', ...rest] = lines;
    const indented = rest.map((line) => (truthy(blank) || line !== '' ? `${space}${line}` : line));
    return `${truthy(first) ? space : ''}${[head, ...indented].join('\n')}`;
  });
}

function truncate(value: Value, [size = null, killWords = null, end = null, leeway = null]: readonly Value[]): Value {
  const most = indexOf(size, 'length');
  const ending = str(end);
  const slack = leeway === null ? 5 : indexOf(leeway, 'leeway');
  if (most < characterCount(ending)) throw filterError(`expected length >= ${characterCount(ending)}, got ${most}`);
  if (slack < 0) throw filterError(`expected leeway >= 0, got ${slack}`);
  if (length(value) <= most + slack) return value;
  if (typeof value !== 'string') throw typeError(`'${typeName(value)}' object has no attribute 'rsplit'`);
  const cut = sliceText(value, 0, most - characterCount(ending));
  if (truthy(killWords)) return cut + ending;
  const space = cut.lastIndexOf(' ');
  return (space === -1 ? cut : cut.slice(0, space)) + ending;
}

function urlEncode(value: Value): string {
  if (typeof value === 'string' || !isIterable(value)) return quoteUrl(str(value), true);
  const pairs =
    value instanceof PyDict ? [...value.entries()] : Array.from(iterate(value), (item) => [...iterate(item)]);
  return pairs
    .map(([key = null, inner = null]) => `${quoteUrl(str(key), false)}=${quoteUrl(str(inner), false)}`)
    .join('&');
}

const isIterable = (value: Value): boolean =>
  Array.isArray(value) || value instanceof PyDict || value instanceof PyTuple;

function quoteUrl(text: string, keepSlash: boolean): string {
  const quoted = encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return keepSlash ? quoted.replaceAll('%2F', '/') : quoted.replaceAll('%20', '+');
}
