import { type MappingNode, resolvePlain, type ScalarNode, type SequenceNode, tags, type YamlNode } from './node.ts';
import { Scanner } from './scanner.ts';
import { YamlError } from './yaml-error.ts';
import { tokenWords, type YamlToken, type YamlTokenType } from './yaml-token.ts';

/** Deepest nesting; PyYAML's own limit is the Python stack, at about 300. */
const deepest = 250;

/**
 * The one document of a text, as PyYAML composes it; undefined when there is none.
 *
 * @throws YamlError for what PyYAML refuses
 */
export function composeDocument(text: string): YamlNode | undefined {
  return new Composer(text).document();
}

interface Properties {
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
  readonly offset: number | undefined;
}

/** PyYAML's parser and composer in one: a recursive descent over the tokens. */
class Composer {
  readonly #tokens: Scanner;
  readonly #anchors = new Map<string, YamlNode>();
  #handles = defaultHandles();
  #depth = 0;

  constructor(text: string) {
    this.#tokens = new Scanner(text);
  }

  document(): YamlNode | undefined {
    this.#tokens.next();
    const implicit = !this.#tokens.is('directive', 'documentStart', 'streamEnd');
    let root: YamlNode | undefined;
    if (implicit && !this.#tokens.is('documentEnd')) root = this.#node(true, false);
    else {
      this.#skipEnds();
      if (this.#tokens.is('streamEnd')) return undefined;
      root = this.#explicitDocument();
    }
    const ended = this.#tokens.is('documentEnd');
    this.#skipEnds();
    if (this.#tokens.is('streamEnd')) return root;
    const { type, offset } = this.#tokens.peek();
    if (type !== 'documentStart' && type !== 'directive' && !ended) {
      throw new YamlError(`expected the end of the text, found ${tokenWords[type]}`, offset);
    }
    throw new YamlError('a second document starts here; only one is allowed', offset);
  }

  #skipEnds(): void {
    while (this.#tokens.is('documentEnd')) this.#tokens.next();
  }

  #explicitDocument(): YamlNode {
    this.#directives();
    const { type, offset } = this.#tokens.peek();
    if (type !== 'documentStart') throw new YamlError(`expected '---', found ${tokenWords[type]}`, offset);
    this.#tokens.next();
    if (this.#tokens.is('directive', 'documentStart', 'documentEnd', 'streamEnd')) return this.#empty();
    return this.#node(true, false);
  }

  #directives(): void {
    const own = new Map<string, string>();
    let version: string | undefined;
    while (this.#tokens.is('directive')) {
      const { value, handle = '', argument = '', offset } = this.#tokens.next();
      if (value === 'YAML') {
        if (version !== undefined) throw new YamlError('there are two %YAML directives', offset);
        version = argument;
        if (Number(version.split('.')[0]) !== 1) throw new YamlError('the version of YAML must be 1.x', offset);
      } else if (value === 'TAG') {
        if (own.has(handle)) throw new YamlError(`the tag handle '${handle}' is defined twice`, offset);
        own.set(handle, argument);
      }
    }
    this.#handles = new Map([...defaultHandles(), ...own]);
  }

  #empty(): ScalarNode {
    return { kind: 'scalar', tag: tags.null, value: '', offset: this.#tokens.peek().offset };
  }

  #node(block: boolean, indentless: boolean): YamlNode {
    if (this.#tokens.is('alias')) {
      const { value, offset } = this.#tokens.next();
      const node = this.#anchors.get(value);
      if (node) return node;
      throw new YamlError(`the alias '*${value}' names no anchor above it; put it in quotes if it is a text`, offset);
    }
    this.#depth += 1;
    if (this.#depth > deepest)
      throw new YamlError(`more than ${deepest} levels of nesting`, this.#tokens.peek().offset);
    const node = this.#content(this.#properties(), block, indentless);
    this.#depth -= 1;
    return node;
  }

  #properties(): Properties {
    let anchor: YamlToken | undefined;
    let tag: YamlToken | undefined;
    const offset = this.#tokens.peek().offset;
    if (this.#tokens.is('anchor')) {
      anchor = this.#tokens.next();
      if (this.#tokens.is('tag')) tag = this.#tokens.next();
    } else if (this.#tokens.is('tag')) {
      tag = this.#tokens.next();
      if (this.#tokens.is('anchor')) anchor = this.#tokens.next();
    }
    if (anchor && this.#anchors.has(anchor.value)) {
      throw new YamlError(`the anchor '&${anchor.value}' is defined twice`, anchor.offset);
    }
    return {
      anchor: anchor?.value,
      tag: tag && this.#fullTag(tag),
      offset: anchor || tag ? offset : undefined,
    };
  }

  #fullTag({ handle, value, offset }: YamlToken): string {
    if (handle === undefined) return value;
    const prefix = this.#handles.get(handle);
    if (prefix !== undefined) return `${prefix}${value}`;
    throw new YamlError(`the tag handle '${handle}' is not defined`, offset);
  }

  #content(properties: Properties, block: boolean, indentless: boolean): YamlNode {
    const { anchor, tag } = properties;
    const offset = properties.offset ?? this.#tokens.peek().offset;
    const type = this.#tokens.peek().type;
    const known = tag === '!' ? undefined : tag;
    if (indentless && type === 'blockEntry') {
      const node = this.#named(anchor, sequence(known, offset));
      return this.#blockEntries(node, ['key', 'value', 'blockEnd']);
    }
    if (type === 'scalar') {
      const { value, plain } = this.#tokens.next();
      const resolved = tag === '!' || (plain === true && tag === undefined) ? resolvePlain(value) : tags.str;
      return this.#named(anchor, { kind: 'scalar', tag: known ?? resolved, value, offset });
    }
    if (type === 'flowSequenceStart') return this.#flowSequence(this.#named(anchor, sequence(known, offset)));
    if (type === 'flowMappingStart') return this.#flowMapping(this.#named(anchor, mapping(known, offset)));
    if (block && type === 'blockSequenceStart') {
      this.#tokens.next();
      const node = this.#blockEntries(this.#named(anchor, sequence(known, offset)), ['blockEnd']);
      this.#blockEnd();
      return node;
    }
    if (block && type === 'blockMappingStart') return this.#blockMapping(this.#named(anchor, mapping(known, offset)));
    if (anchor !== undefined || tag !== undefined) {
      // An empty scalar with a tag other than ! is that tag's; else it is null.
      return this.#named(anchor, { kind: 'scalar', tag: known ?? tags.null, value: '', offset });
    }
    throw new YamlError(`expected a value, found ${tokenWords[type]}`, this.#tokens.peek().offset);
  }

  #named<Node extends YamlNode>(anchor: string | undefined, node: Node): Node {
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }

  #blockEnd(): void {
    const { type, offset } = this.#tokens.peek();
    if (type !== 'blockEnd') {
      throw new YamlError(`expected the end of the block, found ${tokenWords[type]}; check the indentation`, offset);
    }
    this.#tokens.next();
  }

  #blockEntries(node: SequenceNode, ends: readonly YamlTokenType[]): SequenceNode {
    while (this.#tokens.is('blockEntry')) {
      this.#tokens.next();
      const empty = this.#tokens.is('blockEntry', ...ends);
      node.items.push(empty ? this.#empty() : this.#node(true, false));
    }
    return node;
  }

  #blockMapping(node: MappingNode): MappingNode {
    this.#tokens.next();
    const part = (): YamlNode => (this.#tokens.is('key', 'value', 'blockEnd') ? this.#empty() : this.#node(true, true));
    while (this.#tokens.is('key')) {
      this.#tokens.next();
      const key = part();
      let value: YamlNode = this.#empty();
      if (this.#tokens.is('value')) {
        this.#tokens.next();
        value = part();
      }
      node.entries.push([key, value]);
    }
    this.#blockEnd();
    return node;
  }

  #flowSequence(node: SequenceNode): SequenceNode {
    this.#tokens.next();
    while (!this.#tokens.is('flowSequenceEnd')) {
      if (node.items.length > 0) this.#comma("']'");
      if (this.#tokens.is('flowSequenceEnd')) break;
      node.items.push(this.#tokens.is('key') ? this.#flowPair() : this.#node(false, false));
    }
    this.#tokens.next();
    return node;
  }

  /** `[a: b]`: a mapping of one entry. */
  #flowPair(): MappingNode {
    const node = mapping(undefined, this.#tokens.next().offset);
    const key = this.#tokens.is('value', 'flowEntry', 'flowSequenceEnd') ? this.#empty() : this.#node(false, false);
    node.entries.push([key, this.#flowValue('flowSequenceEnd')]);
    return node;
  }

  #flowValue(end: YamlTokenType): YamlNode {
    if (!this.#tokens.is('value')) return this.#empty();
    this.#tokens.next();
    return this.#tokens.is('flowEntry', end) ? this.#empty() : this.#node(false, false);
  }

  #flowMapping(node: MappingNode): MappingNode {
    this.#tokens.next();
    while (!this.#tokens.is('flowMappingEnd')) {
      if (node.entries.length > 0) this.#comma("'}'");
      if (this.#tokens.is('flowMappingEnd')) break;
      if (this.#tokens.is('key')) {
        this.#tokens.next();
        const key = this.#tokens.is('value', 'flowEntry', 'flowMappingEnd') ? this.#empty() : this.#node(false, false);
        node.entries.push([key, this.#flowValue('flowMappingEnd')]);
      } else node.entries.push([this.#node(false, false), this.#empty()]);
    }
    this.#tokens.next();
    return node;
  }

  #comma(closer: string): void {
    const { type, offset } = this.#tokens.peek();
    if (type !== 'flowEntry') throw new YamlError(`expected ',' or ${closer}, found ${tokenWords[type]}`, offset);
    this.#tokens.next();
  }
}

const defaultHandles = (): Map<string, string> =>
  new Map([
    ['!', '!'],
    ['!!', tags.prefix],
  ]);
const sequence = (tag: string | undefined, offset: number): SequenceNode => ({
  kind: 'sequence',
  tag: tag ?? tags.seq,
  items: [],
  offset,
});
const mapping = (tag: string | undefined, offset: number): MappingNode => ({
  kind: 'mapping',
  tag: tag ?? tags.map,
  entries: [],
  offset,
});
