import { RecipeError } from '../problem.ts';
import type { Expression, MacroDefinition, Parameter, Statement, Target } from './ast.ts';
import { ExpressionParser } from './expression-parser.ts';
import { tokenize } from './lexer.ts';
import { TokenStream } from './token-stream.ts';

/** Which filters and tests exist. */
export interface KnownNames {
  readonly filters: { has(name: string): boolean };
  readonly tests: { has(name: string): boolean };
}

const notHere = 'is not available in recipes: there are no other templates to load';
const refused: ReadonlyMap<string, string> = new Map([
  ['include', notHere],
  ['import', notHere],
  ['from', notHere],
  ['extends', notHere],
  ['block', 'is not available in recipes: there is nothing to inherit from'],
  ['autoescape', 'is not available in recipes: nothing is escaped'],
]);
/** Deepest nesting of statements. */
const deepest = 100;

/**
 * The statements of a template. Unknown filters and tests are refused here, but below an `if` only when they are used, as
 * Jinja does.
 *
 * @param source text whose lines end with `\n`
 * @throws RecipeError with the offset of what is wrong
 */
export function parseTemplate(source: string, known: KnownNames): readonly Statement[] {
  return new Parser(source, known).run();
}

class Parser {
  readonly #tokens: TokenStream;
  readonly #expressions: ExpressionParser;
  /** Below an `if`, with no loop or the like in between. */
  #lenient = false;
  #depth = 0;

  constructor(source: string, known: KnownNames) {
    this.#tokens = new TokenStream(tokenize(source));
    this.#expressions = new ExpressionParser(this.#tokens, (kind, name, offset) => {
      const names = kind === 'filter' ? known.filters : known.tests;
      if (!this.#lenient && !names.has(name)) throw new RecipeError(`there is no ${kind} named '${name}'`, offset);
    });
  }

  run(): readonly Statement[] {
    return this.#statements([]);
  }

  /** Statements up to a tag with one of the names, which is not taken; `[]`: up to the end. */
  #statements(ends: readonly string[]): Statement[] {
    const found: Statement[] = [];
    for (;;) {
      const { type, value, offset } = this.#tokens.current;
      if (type === 'end') return found;
      this.#tokens.next();
      if (type === 'data') found.push({ kind: 'data', text: value, at: offset });
      else if (type === 'variableBegin') {
        found.push({ kind: 'print', expression: this.#expressions.tuple(), at: offset });
        this.#tokens.expect('variableEnd');
      } else {
        if (ends.length > 0 && this.#tokens.isName(...ends)) return found;
        found.push(...this.#statement(offset));
        this.#tokens.expect('blockEnd');
      }
    }
  }

  #body(start: number, ends: readonly string[]): Statement[] {
    this.#tokens.skip('operator', ':');
    this.#tokens.expect('blockEnd');
    this.#depth += 1;
    if (this.#depth > deepest) throw new RecipeError(`more than ${deepest} nested blocks`, start);
    const body = this.#statements(ends);
    this.#depth -= 1;
    if (this.#tokens.is('end')) throw new RecipeError(`the block has no end: write {% ${ends.at(-1)} %}`, start);
    return body;
  }

  /** The body up to its end tag, which is taken. */
  #whole(start: number, end: string): Statement[] {
    return this.#strict(() => {
      const body = this.#body(start, [end]);
      this.#tokens.next();
      return body;
    });
  }

  #strict<T>(parse: () => T, lenient = false): T {
    const before = this.#lenient;
    this.#lenient = lenient;
    const result = parse();
    this.#lenient = before;
    return result;
  }

  #statement(at: number): Statement[] {
    const { value: tag, offset } = this.#tokens.expect('name');
    switch (tag) {
      case 'for':
        return [this.#for(at)];
      case 'if':
        return [this.#strict(() => this.#if(at), true)];
      case 'set':
        return [this.#set(at)];
      case 'with':
        return [this.#with(at)];
      case 'macro': {
        const name = this.#tokens.expect('name').value;
        return [{ kind: 'macro', macro: this.#macro(name, this.#parameters(), at, 'endmacro'), at }];
      }
      case 'call':
        return [this.#callBlock(at)];
      case 'filter': {
        const filter = this.#expressions.filter(undefined, true);
        if (filter === undefined) throw this.#tokens.unexpected('expected a filter');
        return [{ kind: 'filterBlock', filter, body: this.#whole(at, 'endfilter'), at }];
      }
      case 'print':
        return this.#print();
      default: {
        const why = refused.get(tag);
        if (why !== undefined) throw new RecipeError(`{% ${tag} %} ${why}`, offset);
        throw new RecipeError(`there is no tag '${tag}' here`, offset);
      }
    }
  }

  #print(): Statement[] {
    const found: Statement[] = [];
    while (!this.#tokens.is('blockEnd')) {
      if (found.length > 0) this.#tokens.expect('operator', ',');
      const at = this.#tokens.current.offset;
      found.push({ kind: 'print', expression: this.#expressions.expression(), at });
    }
    return found;
  }

  #for(at: number): Statement {
    const target = this.#target(['in']);
    this.#tokens.expect('name', 'in');
    const iterable = this.#expressions.tuple({ conditions: false, ends: ['recursive'] });
    return this.#strict(() => {
      const test = this.#tokens.skip('name', 'if') ? this.#expressions.expression() : undefined;
      const recursive = this.#tokens.skip('name', 'recursive');
      const body = this.#body(at, ['else', 'endfor']);
      let otherwise: Statement[] = [];
      if (this.#tokens.next().value === 'else') {
        otherwise = this.#body(at, ['endfor']);
        this.#tokens.next();
      }
      return { kind: 'for', target, iterable, test, recursive, body, otherwise, at };
    });
  }

  #if(at: number): Statement {
    const branches: { test: Expression; body: Statement[] }[] = [];
    for (;;) {
      const test = this.#expressions.tuple({ conditions: false });
      branches.push({ test, body: this.#body(at, ['elif', 'else', 'endif']) });
      const { value } = this.#tokens.next();
      if (value === 'elif') continue;
      if (value !== 'else') return { kind: 'if', branches, otherwise: [], at };
      const otherwise = this.#body(at, ['endif']);
      this.#tokens.next();
      return { kind: 'if', branches, otherwise, at };
    }
  }

  #set(at: number): Statement {
    const target = this.#target([], true);
    if (this.#tokens.skip('operator', '=')) return { kind: 'set', target, value: this.#expressions.tuple(), at };
    const filter = this.#expressions.filter(undefined);
    return { kind: 'setBlock', target, filter, body: this.#whole(at, 'endset'), at };
  }

  #with(at: number): Statement {
    const bindings: [Target, Expression][] = [];
    while (!this.#tokens.is('blockEnd')) {
      if (bindings.length > 0) this.#tokens.expect('operator', ',');
      const target = this.#target([]);
      this.#tokens.expect('operator', '=');
      bindings.push([target, this.#expressions.expression()]);
    }
    return { kind: 'with', bindings, body: this.#whole(at, 'endwith'), at };
  }

  #parameters(): Parameter[] {
    const parameters: Parameter[] = [];
    this.#tokens.expect('operator', '(');
    while (!this.#tokens.isOperator(')')) {
      if (parameters.length > 0) this.#tokens.expect('operator', ',');
      const { value: name, offset } = this.#tokens.expect('name');
      const value = this.#tokens.skip('operator', '=') ? this.#expressions.expression() : undefined;
      if (value === undefined && parameters.at(-1)?.default !== undefined) {
        throw new RecipeError('a parameter without a default follows one with a default', offset);
      }
      parameters.push({ name, default: value });
    }
    this.#tokens.expect('operator', ')');
    return parameters;
  }

  #macro(name: string, parameters: Parameter[], at: number, end: string): MacroDefinition {
    const body = this.#whole(at, end);
    return { name, parameters, uses: specialNames(body), body };
  }

  #callBlock(at: number): Statement {
    const parameters = this.#tokens.isOperator('(') ? this.#parameters() : [];
    const call = this.#expressions.expression();
    if (call.kind !== 'call') throw new RecipeError('expected a call, as in {% call name() %}', call.at);
    return { kind: 'callBlock', call, caller: this.#macro('caller', parameters, at, 'endcall'), at };
  }

  /** Names to assign to, with commas between. */
  #target(ends: readonly string[], namespaces = false): Target {
    const { offset: at } = this.#tokens.current;
    const items: Target[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) this.#tokens.expect('operator', ',');
      const over =
        this.#tokens.is('blockEnd') ||
        this.#tokens.isOperator(')') ||
        (ends.length > 0 && this.#tokens.isName(...ends));
      if (over) break;
      items.push(this.#singleTarget(namespaces));
      if (!this.#tokens.isOperator(',')) break;
      isTuple = true;
    }
    const [only] = items;
    if (!isTuple && only !== undefined) return only;
    if (!isTuple) throw this.#tokens.unexpected('expected a name to assign to');
    return { kind: 'tuple', items, at };
  }

  #singleTarget(namespaces: boolean): Target {
    const { offset: at } = this.#tokens.current;
    if (this.#tokens.skip('operator', '(')) {
      const inner = this.#target([]);
      this.#tokens.expect('operator', ')');
      return inner;
    }
    const { value: name } = this.#tokens.expect('name');
    if (reserved.has(name)) throw new RecipeError(`'${name}' can't be assigned to`, at);
    if (!namespaces || !this.#tokens.skip('operator', '.')) return { kind: 'name', name, at };
    return { kind: 'namespace', name, attribute: this.#tokens.expect('name').value, at };
  }
}

const reserved: ReadonlySet<string> = new Set(['true', 'false', 'none', 'True', 'False', 'None']);

/** Which of the names that a macro gets without declaring them occur below a part of the syntax tree. */
function specialNames(part: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(part)) for (const item of part) specialNames(item, found);
  else if (typeof part === 'object' && part !== null) {
    const { kind, name } = part as { kind?: unknown; name?: unknown };
    if (kind === 'name' && (name === 'caller' || name === 'kwargs' || name === 'varargs')) found.add(name);
    for (const inner of Object.values(part)) specialNames(inner, found);
  }
  return found;
}
