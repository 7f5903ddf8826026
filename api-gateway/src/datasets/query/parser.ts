import { type Keyword, type Token, tokensOf } from './lexer.ts';
import {
  type Comparison,
  type Condition,
  type Literal,
  orderFields,
  type OrderField,
  type Path,
  plainFields,
  type Query,
  QueryError,
} from './query.ts';

const deepest = 32;
const mostValues = 256;
const mostFound = 1_000_000;
const comparisons: readonly string[] = ['=', '!=', '<', '>', '<=', '>='];
const fieldsText = `${plainFields.join(', ')}, label.… or metadata.…`;

/**
 * Reads a query in upstream's language, e.g. `label.robot = "anymal" AND NOT name IN ["a", "b"] ORDER BY created_date DESC LIMIT 5`.
 * An empty one finds every dataset.
 *
 * @throws QueryError with line and column
 */
export function parseQuery(text: string): Query {
  return new Parser(text).query();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #versions = false;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  query(): Query {
    const { kind } = this.#token;
    const bare = kind === 'end' || this.#isWord('ORDER') || this.#isWord('LIMIT');
    const condition = bare ? undefined : this.#or(0);
    const order = this.#order();
    const limit = this.#limit();
    if (this.#token.kind !== 'end') this.#fail('expected AND, OR, ORDER BY, LIMIT or the end');
    return {
      over: this.#versions ? 'versions' : 'datasets',
      ...(condition !== undefined && { condition }),
      ...(order !== undefined && { order }),
      ...(limit !== undefined && { limit }),
    };
  }

  get #token(): Token {
    // The last token is the end, and nothing is taken behind it.
    return this.#tokens[this.#at] as Token;
  }

  #take(): Token {
    const token = this.#token;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #isWord(word: Keyword): boolean {
    const token = this.#token;
    return token.kind === 'keyword' && token.word === word;
  }

  #word(word: Keyword): boolean {
    if (!this.#isWord(word)) return false;
    this.#at++;
    return true;
  }

  #symbol(text: string): boolean {
    const { kind, text: found } = this.#token;
    if (kind !== 'symbol' || found !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#symbol(text)) this.#fail(`expected '${text}'`);
  }

  #fail(problem: string, token: Token = this.#token): never {
    const found = token.kind === 'end' ? 'the query ends here' : `found ${token.text.slice(0, 64)}`;
    throw new QueryError(this.#text, token.at, `${problem}; ${found}`);
  }

  #or(depth: number): Condition {
    return this.#chain('OR', 'or', () => this.#and(depth));
  }

  #and(depth: number): Condition {
    return this.#chain('AND', 'and', () => this.#not(depth));
  }

  #chain(word: Keyword, kind: 'and' | 'or', part: () => Condition): Condition {
    const first = part();
    if (!this.#isWord(word)) return first;
    const of = [first];
    while (this.#word(word)) of.push(part());
    return { kind, of };
  }

  #not(depth: number): Condition {
    if (depth > deepest) this.#fail(`parentheses and NOT can be nested ${deepest} deep`);
    if (this.#word('NOT')) return { kind: 'not', of: this.#not(depth + 1) };
    if (!this.#symbol('(')) return this.#term();
    const inner = this.#or(depth + 1);
    this.#expect(')');
    return inner;
  }

  #term(): Condition {
    if (this.#word('LEN')) {
      this.#expect('(');
      const path = this.#path();
      this.#expect(')');
      return { kind: 'length', path, comparison: this.#comparison(), value: this.#number() };
    }
    const path = this.#path();
    if (this.#word('IN')) return { kind: 'in', path, values: this.#list() };
    if (this.#word('CONTAINS')) return this.#contains(path);
    if (this.#token.kind !== 'symbol' || !comparisons.includes(this.#token.text))
      this.#fail(`expected ${comparisons.join(' ')}, IN or CONTAINS`);
    const comparison = this.#comparison();
    const at = this.#token;
    const value = this.#literal();
    const orders = comparison !== '=' && comparison !== '!=';
    if (orders && typeof value !== 'number' && typeof value !== 'string')
      this.#fail(`${comparison} compares numbers, texts and dates`, at);
    if (isDate(path) && (typeof value !== 'string' || Number.isNaN(timeOf(value))))
      this.#fail('created_date is compared with a date such as "2026-01-31" or "2026-01-31T12:00:00"', at);
    return { kind: 'compare', path, comparison, value };
  }

  #contains(path: Path): Condition {
    if (this.#word('KEY')) {
      const token = this.#token;
      const key = this.#literal();
      if (typeof key !== 'string') this.#fail('CONTAINS KEY takes a text', token);
      return { kind: 'containsKey', path, key };
    }
    const list = this.#token.kind === 'symbol' && this.#token.text === '[';
    return { kind: 'contains', path, values: list ? this.#list() : [this.#literal()] };
  }

  #path(): Path {
    const token = this.#take();
    if (token.kind !== 'path') return this.#fail(`expected ${fieldsText}`, token);
    const [root = '', ...steps] = token.steps;
    const name = root.toLowerCase();
    if (name === 'label' || name === 'metadata') {
      if (steps.length === 0) this.#fail(`${name} needs the name of a value, such as ${name}.robot`, token);
      if (steps.length > deepest) this.#fail(`a path has at most ${deepest} steps`, token);
      this.#versions ||= name === 'metadata';
      return { kind: 'json', root: name, steps };
    }
    const field = plainFields.find((each) => each === name);
    if (field === undefined || steps.length > 0) return this.#fail(`expected ${fieldsText}`, token);
    return { kind: 'field', name: field };
  }

  #comparison(): Comparison {
    const token = this.#take();
    if (token.kind === 'symbol' && comparisons.includes(token.text)) return token.text as Comparison;
    return this.#fail(`expected ${comparisons.join(' ')}`, token);
  }

  #literal(): Literal {
    const token = this.#take();
    if (token.kind === 'value') return token.value;
    return this.#fail('expected a "text", a number, true, false or null', token);
  }

  #number(): number {
    const token = this.#token;
    const value = this.#literal();
    return typeof value === 'number' ? value : this.#fail('expected a number', token);
  }

  #list(): Literal[] {
    this.#expect('[');
    const values: Literal[] = [];
    if (this.#symbol(']')) return values;
    do {
      if (values.length >= mostValues) this.#fail(`a list has at most ${mostValues} values`);
      values.push(this.#literal());
    } while (this.#symbol(','));
    this.#expect(']');
    return values;
  }

  #order(): Query['order'] {
    if (!this.#word('ORDER')) return undefined;
    if (!this.#word('BY')) this.#fail('expected BY');
    const token = this.#take();
    const by = orderFields.find((each) => each === token.text.toLowerCase());
    if (by === undefined) return this.#fail(`expected ${orderFields.join(', ')}`, token);
    const descending = this.#word('DESC');
    if (!descending) this.#word('ASC');
    return { by: by satisfies OrderField, descending };
  }

  #limit(): number | undefined {
    if (!this.#word('LIMIT')) return undefined;
    const token = this.#token;
    const limit = this.#number();
    if (Number.isInteger(limit) && limit >= 1 && limit <= mostFound) return limit;
    return this.#fail(`LIMIT takes an integer from 1 to ${mostFound}`, token);
  }
}

const isDate = (path: Path): boolean => path.kind === 'field' && path.name === 'created_date';

/** ms since 1970 of a date, in UTC unless it ends with an offset; NaN for what is none. */
export function timeOf(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  if (match === null) return Number.NaN;
  return Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
}
