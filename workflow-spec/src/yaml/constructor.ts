import { PyDict } from '../python/dict.ts';
import { parseFloatText, parseInteger } from '../python/numbers.ts';
import { PythonError, type Value } from '../python/value.ts';
import { composeDocument } from './composer.ts';
import { type MappingNode, type ScalarNode, tags, type YamlNode } from './node.ts';
import { timestamp } from './timestamp.ts';
import { YamlError } from './yaml-error.ts';

/** Most entries that merge keys (`<<`) may add to one mapping. */
const mostMerged = 100_000;

/**
 * The values of nodes, as PyYAML's SafeLoader makes them. Aliases give the same list or dict again. Not made are
 * `!!binary`, `!!set`, `!!omap`, `!!pairs` and values that contain themselves.
 */
export class Constructor {
  readonly #values = new Map<YamlNode, Value>();
  readonly #entries = new Map<MappingNode, readonly (readonly [YamlNode, YamlNode])[]>();
  readonly #open = new Set<YamlNode>();

  /** @throws YamlError for what SafeLoader refuses */
  value(node: YamlNode): Value {
    const known = this.#values.get(node);
    if (known !== undefined) return known;
    const value = this.#guarded(node, () => this.#construct(node));
    this.#values.set(node, value);
    return value;
  }

  #guarded<T>(node: YamlNode, run: () => T): T {
    if (this.#open.has(node)) throw new YamlError('this value contains itself', node.offset);
    this.#open.add(node);
    const result = run();
    this.#open.delete(node);
    return result;
  }

  #construct(node: YamlNode): Value {
    switch (node.kind) {
      case 'scalar':
        return scalarValue(node);
      case 'sequence':
        if (node.tag !== tags.seq) throw unknownTag(node, 'a list');
        return node.items.map((item) => this.value(item));
      case 'mapping': {
        if (node.tag !== tags.map) throw unknownTag(node, 'a mapping');
        const dict = new PyDict();
        for (const [key, value] of this.entries(node)) this.#set(dict, key, value);
        return dict;
      }
    }
  }

  #set(dict: PyDict, key: YamlNode, value: YamlNode): void {
    const name = this.value(key);
    try {
      dict.set(name, this.value(value));
    } catch (error) {
      if (error instanceof PythonError) throw new YamlError(`a list or mapping can't be a key`, key.offset);
      throw error;
    }
  }

  /** Entries of a mapping with those that `<<` brings before its own; a later one of the same key wins. */
  entries(node: MappingNode): readonly (readonly [YamlNode, YamlNode])[] {
    const known = this.#entries.get(node);
    if (known) return known;
    const merged: (readonly [YamlNode, YamlNode])[] = [];
    const own: (readonly [YamlNode, YamlNode])[] = [];
    for (const [key, value] of node.entries) {
      if (key.tag === tags.merge) merged.push(...this.#merged(value));
      else own.push([key.tag === tags.value && key.kind === 'scalar' ? { ...key, tag: tags.str } : key, value]);
      if (merged.length > mostMerged) throw new YamlError(`'<<' adds more than ${mostMerged} entries`, key.offset);
    }
    const all = [...merged, ...own];
    this.#entries.set(node, all);
    return all;
  }

  #merged(value: YamlNode): (readonly [YamlNode, YamlNode])[] {
    const sources = value.kind === 'sequence' ? value.items.toReversed() : [value];
    return sources.flatMap((source) => {
      if (source.kind === 'mapping') return this.#guarded(source, () => this.entries(source));
      throw new YamlError("'<<' merges a mapping or a list of mappings", source.offset);
    });
  }
}

function unknownTag(node: YamlNode, what: string): YamlError {
  return new YamlError(`the tag '${node.tag}' is not supported for ${what}`, node.offset);
}

/** The value of a scalar by its tag. */
function scalarValue(node: ScalarNode): Value {
  const { tag, value } = node;
  const wrong = (what: string): YamlError => new YamlError(`'${value}' is no ${what}`, node.offset);
  switch (tag) {
    case tags.str:
      return value;
    case tags.null:
      return null;
    case tags.bool: {
      const word = value.toLowerCase();
      if (['yes', 'true', 'on'].includes(word)) return true;
      if (['no', 'false', 'off'].includes(word)) return false;
      throw wrong('boolean');
    }
    case tags.int:
      return integer(value) ?? throwing(wrong('integer'));
    case tags.float:
      return float(value) ?? throwing(wrong('number'));
    case tags.timestamp:
      return timestamp(value) ?? throwing(wrong('date'));
    case tags.merge:
    case tags.value:
      throw new YamlError(`put '${value}' in quotes`, node.offset);
    default:
      throw unknownTag(node, 'a single value');
  }
}

function throwing(error: Error): never {
  throw error;
}

const sexagesimal = (parts: readonly string[]): bigint | undefined =>
  parts.reduce<bigint | undefined>((sum, part) => {
    const digit = parseInteger(part);
    return sum === undefined || digit === undefined ? undefined : sum * 60n + digit;
  }, 0n);

function integer(text: string): bigint | undefined {
  const plain = text.replaceAll('_', '');
  const negative = plain.startsWith('-');
  const digits = /^[-+]/.test(plain) ? plain.slice(1) : plain;
  const value = magnitude(digits);
  return value !== undefined && negative ? -value : value;
}

function magnitude(digits: string): bigint | undefined {
  if (digits === '0') return 0n;
  if (digits.startsWith('0b')) return parseInteger(digits.slice(2), 2);
  if (digits.startsWith('0x')) return parseInteger(digits.slice(2), 16);
  if (digits.startsWith('0')) return parseInteger(digits, 8);
  return digits.includes(':') ? sexagesimal(digits.split(':')) : parseInteger(digits);
}

function float(text: string): number | undefined {
  const plain = text.replaceAll('_', '').toLowerCase();
  const sign = plain.startsWith('-') ? -1 : 1;
  const digits = /^[-+]/.test(plain) ? plain.slice(1) : plain;
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === '.nan') return Number.NaN;
  if (!digits.includes(':')) {
    const value = parseFloatText(digits);
    return value === undefined ? undefined : sign * value;
  }
  const parts = digits.split(':').map(parseFloatText).toReversed();
  let [base, value] = [1, 0];
  for (const part of parts) {
    if (part === undefined) return undefined;
    value += part * base;
    base *= 60;
  }
  return sign * value;
}

/** `yaml.safe_load(text)`. @throws YamlError */
export function loadYaml(text: string): Value {
  const root = composeDocument(text);
  return root === undefined ? null : new Constructor().value(root);
}
