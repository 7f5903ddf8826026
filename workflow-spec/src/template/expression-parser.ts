import type { BinaryOperator } from '../python/operators.ts';
import { parseInteger } from '../python/numbers.ts';
import { RecipeError } from '../problem.ts';
import { noArguments, parseArguments } from './arguments.ts';
import type { ArgumentList, CompareOperator, Expression } from './ast.ts';
import { parseKey } from './subscript-key.ts';
import type { TokenStream } from './token-stream.ts';

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
/** Deepest nesting of expressions, far beyond what people write and far below what the stack holds. */
const deepest = 200;

/** Jinja's expressions, in its order of precedence. */
export class ExpressionParser {
  readonly tokens: TokenStream;
  /** Called with each filter and test, which may be refused before anything is rendered. */
  readonly #check: (kind: 'filter' | 'test', name: string, offset: number) => void;
  #depth = 0;

  constructor(tokens: TokenStream, check: (kind: 'filter' | 'test', name: string, offset: number) => void) {
    this.tokens = tokens;
    this.#check = check;
  }

  /** One expression, or a tuple of several with commas between; `ends` are names that end it. */
  tuple({
    ends = [],
    conditions = true,
    parentheses = false,
  }: { ends?: readonly string[]; conditions?: boolean; parentheses?: boolean } = {}): Expression {
    const at = this.tokens.current.offset;
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) this.tokens.expect('operator', ',');
      if (this.#atTupleEnd(ends)) break;
      items.push(conditions ? this.expression() : this.or());
      if (!this.tokens.isOperator(',')) break;
      isTuple = true;
    }
    const [only] = items;
    if (!isTuple && only !== undefined) return only;
    if (!isTuple && !parentheses) throw this.tokens.unexpected('expected an expression');
    return { kind: 'tuple', items, at };
  }

  #atTupleEnd(ends: readonly string[]): boolean {
    const { tokens } = this;
    return (
      tokens.is('variableEnd') ||
      tokens.is('blockEnd') ||
      tokens.isOperator(')') ||
      (ends.length > 0 && tokens.isName(...ends))
    );
  }

  expression(): Expression {
    this.#depth += 1;
    if (this.#depth > deepest) throw this.tokens.unexpected(`expected at most ${deepest} nested expressions`);
    try {
      return this.#condition();
    } finally {
      this.#depth -= 1;
    }
  }

  #condition(): Expression {
    let value = this.or();
    while (this.tokens.isName('if')) {
      const at = this.tokens.next().offset;
      const test = this.or();
      const otherwise = this.tokens.skip('name', 'else') ? this.expression() : undefined;
      value = { kind: 'condition', test, value, otherwise, at };
    }
    return value;
  }

  /** An expression without `… if … else …`. */
  or(): Expression {
    let left = this.#and();
    while (this.tokens.isName('or')) {
      const at = this.tokens.next().offset;
      left = { kind: 'or', left, right: this.#and(), at };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.tokens.isName('and')) {
      const at = this.tokens.next().offset;
      left = { kind: 'and', left, right: this.#not(), at };
    }
    return left;
  }

  #not(): Expression {
    const negations: number[] = [];
    while (this.tokens.isName('not')) negations.push(this.tokens.next().offset);
    return negations.reduceRight<Expression>((operand, at) => ({ kind: 'not', operand, at }), this.#compare());
  }

  #compare(): Expression {
    const first = this.#sum();
    const rest: [CompareOperator, Expression][] = [];
    const at = this.tokens.current.offset;
    for (;;) {
      const { type, value } = this.tokens.current;
      if (type === 'operator' && comparisons.has(value)) {
        this.tokens.next();
        rest.push([value as CompareOperator, this.#sum()]);
      } else if (this.tokens.skip('name', 'in')) rest.push(['in', this.#sum()]);
      else if (this.tokens.isName('not') && isName(this.tokens.look(1), 'in')) {
        this.tokens.next();
        this.tokens.next();
        rest.push(['not in', this.#sum()]);
      } else return rest.length === 0 ? first : { kind: 'compare', first, rest, at };
    }
  }

  #leftToRight(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    while (this.tokens.is('operator') && operators.includes(this.tokens.current.value)) {
      const { value, offset } = this.tokens.next();
      left = { kind: 'binary', operator: value as BinaryOperator, left, right: operand(), at: offset };
    }
    return left;
  }

  #sum(): Expression {
    return this.#leftToRight(['+', '-'], () => this.#concat());
  }

  #concat(): Expression {
    const at = this.tokens.current.offset;
    const parts = [this.#product()];
    while (this.tokens.skip('operator', '~')) parts.push(this.#product());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'concat', parts, at };
  }

  #product(): Expression {
    return this.#leftToRight(['*', '/', '//', '%'], () => this.#leftToRight(['**'], () => this.#unary(true)));
  }

  #unary(withFilters: boolean): Expression {
    const { offset: at } = this.tokens.current;
    let node: Expression;
    if (this.tokens.isOperator('-') || this.tokens.isOperator('+')) {
      this.#depth += 1;
      if (this.#depth > deepest) throw this.tokens.unexpected(`expected at most ${deepest} nested expressions`);
      const kind = this.tokens.next().value === '-' ? 'negative' : 'positive';
      node = { kind, operand: this.#unary(false), at };
      this.#depth -= 1;
    } else node = this.primary();
    node = this.postfix(node);
    return withFilters ? this.#filters(node) : node;
  }

  /** A literal, a name, or something in brackets. */
  primary(): Expression {
    const { type, value, offset: at } = this.tokens.current;
    if (type === 'name') {
      this.tokens.next();
      const constant = constants.get(value);
      return constant === undefined ? { kind: 'name', name: value, at } : { kind: 'constant', value: constant, at };
    }
    if (type === 'string') {
      let text = '';
      while (this.tokens.is('string')) text += this.tokens.next().value;
      return { kind: 'constant', value: text, at };
    }
    if (type === 'integer') return this.#integer();
    if (type === 'float') return { kind: 'constant', value: Number(this.tokens.next().value), at };
    if (this.tokens.skip('operator', '(')) {
      const inner = this.tuple({ parentheses: true });
      this.tokens.expect('operator', ')');
      return inner;
    }
    if (this.tokens.skip('operator', '['))
      return { kind: 'list', items: this.#listed(']', () => this.expression()), at };
    if (this.tokens.skip('operator', '{')) return { kind: 'dict', entries: this.#listed('}', () => this.#pair()), at };
    throw this.tokens.unexpected('expected an expression');
  }

  #integer(): Expression {
    const { value, offset: at } = this.tokens.next();
    const number = parseInteger(value, 0);
    if (number === undefined) throw new RecipeError('the integer has too many digits', at);
    return { kind: 'constant', value: number, at };
  }

  #listed<T>(closer: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.tokens.isOperator(closer)) {
      if (items.length > 0) this.tokens.expect('operator', ',');
      if (this.tokens.isOperator(closer)) break;
      items.push(item());
    }
    this.tokens.expect('operator', closer);
    return items;
  }

  #pair(): readonly [Expression, Expression] {
    const key = this.expression();
    this.tokens.expect('operator', ':');
    return [key, this.expression()];
  }

  /** What follows a primary: `.name`, `[…]`, `(…)`. */
  postfix(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.tokens.isOperator('.') || this.tokens.isOperator('[')) node = this.#subscript(node);
      else if (this.tokens.isOperator('(')) node = this.#call(node);
      else return node;
    }
  }

  #call(target: Expression): Expression {
    const at = this.tokens.current.offset;
    return { kind: 'call', target, arguments: this.#arguments(), at };
  }

  #arguments(): ArgumentList {
    return parseArguments(this.tokens, () => this.expression());
  }

  #subscript(target: Expression): Expression {
    const { value, offset: at } = this.tokens.next();
    if (value === '.') {
      if (this.tokens.is('name')) return { kind: 'attribute', target, name: this.tokens.next().value, at };
      if (this.tokens.is('integer')) return { kind: 'item', target, key: this.#integer(), at };
      throw this.tokens.unexpected("expected a name or an integer after '.'");
    }
    return { kind: 'item', target, key: parseKey(this.tokens, () => this.expression(), at), at };
  }

  #filters(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.tokens.isOperator('|')) node = this.filter(node);
      else if (this.tokens.isName('is')) node = this.#test(node);
      else if (this.tokens.isOperator('(')) node = this.#call(node);
      else return node;
    }
  }

  /** `| name(…)`, several times; the first `|` is left out in `{% filter name %}`. */
  filter(target: Expression, inline?: boolean): Expression;
  filter(target: undefined, inline?: boolean): Expression | undefined;
  filter(target: Expression | undefined, inline = false): Expression | undefined {
    let node = target;
    for (let first = inline; first || this.tokens.isOperator('|'); first = false) {
      if (!first) this.tokens.next();
      const [name, at] = this.#dottedName();
      this.#check('filter', name, at);
      const list = this.tokens.isOperator('(') ? this.#arguments() : noArguments;
      node = { kind: 'filter', target: node, name, arguments: list, at };
    }
    return node;
  }

  #dottedName(): [string, number] {
    const { value, offset } = this.tokens.expect('name');
    let name = value;
    while (this.tokens.skip('operator', '.')) name += `.${this.tokens.expect('name').value}`;
    return [name, offset];
  }

  #test(target: Expression): Expression {
    this.tokens.next();
    const negated = this.tokens.skip('name', 'not');
    const [name, at] = this.#dottedName();
    this.#check('test', name, at);
    const node: Expression = { kind: 'test', target, name, arguments: this.#testArguments(), at };
    return negated ? { kind: 'not', operand: node, at } : node;
  }

  #testArguments(): ArgumentList {
    const { tokens } = this;
    if (tokens.isOperator('(')) return this.#arguments();
    const literal =
      tokens.is('string') ||
      tokens.is('integer') ||
      tokens.is('float') ||
      tokens.isOperator('[') ||
      tokens.isOperator('{');
    if (!literal && (!tokens.isName() || tokens.isName('else', 'or', 'and'))) return noArguments;
    if (tokens.isName('is')) throw tokens.unexpected("expected 'and' between tests");
    return { positional: [this.postfix(this.primary())], named: [] };
  }
}

const constants: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

const isName = (token: { type: string; value: string }, name: string): boolean =>
  token.type === 'name' && token.value === name;
