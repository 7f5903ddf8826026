import { truthy } from '../python/compare.ts';
import { iterate } from '../python/iterate.ts';
import { quoted } from '../python/text.ts';
import {
  type CallArguments,
  PythonError,
  Undefined,
  type Value,
  defined,
  typeName,
  valueError,
} from '../python/value.ts';
import type { Expression, MacroDefinition, Statement, Target } from './ast.ts';
import type { Evaluator } from './evaluator.ts';
import { Namespace } from './globals.ts';
import { LoopContext } from './loop.ts';
import { type Bindings, Macro } from './macro.ts';
import { type Output, TextOutput } from './output.ts';
import { Scope } from './scope.ts';

type ForStatement = Extract<Statement, { kind: 'for' }>;

/** Deepest that macros and recursive loops may call each other. */
const deepestCall = 100;

/** Runs statements. */
export class Renderer {
  readonly #evaluator: Evaluator;
  #depth = 0;

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator;
  }

  render(statements: readonly Statement[], scope: Scope, output: Output): void {
    for (const statement of statements) this.#statement(statement, scope, output);
  }

  #statement(statement: Statement, scope: Scope, output: Output): void {
    this.#evaluator.runtime.budget.step();
    this.#evaluator.at = statement.at;
    switch (statement.kind) {
      case 'data':
        return output.write(statement.text, statement.at, true);
      case 'print': {
        const value = this.#evaluator.evaluate(statement.expression, scope);
        return output.write(this.#evaluator.text(value, statement.at), statement.at, false);
      }
      case 'for':
        return this.#for(statement, this.#evaluator.evaluate(statement.iterable, scope), scope, output, 0);
      case 'if': {
        const branch = statement.branches.find(({ test }) => this.#holds(test, scope));
        return this.render(branch ? branch.body : statement.otherwise, scope, output);
      }
      case 'set':
        return this.#assign(statement.target, this.#evaluator.evaluate(statement.value, scope), scope);
      case 'setBlock': {
        const text = this.#collect(statement.body, new Scope(scope));
        const value = statement.filter ? this.#evaluator.filterText(statement.filter, text, scope) : text;
        return this.#assign(statement.target, value, scope);
      }
      case 'with': {
        const values = statement.bindings.map(([, value]) => this.#evaluator.evaluate(value, scope));
        const inner = new Scope(scope);
        for (const [index, [target]] of statement.bindings.entries())
          this.#assign(target, values[index] ?? null, inner);
        return this.render(statement.body, inner, output);
      }
      case 'macro':
        return scope.set(statement.macro.name, this.#macro(statement.macro, scope));
      case 'callBlock':
        return this.#callBlock(statement, scope, output);
      case 'filterBlock': {
        const text = this.#collect(statement.body, new Scope(scope));
        const value = this.#evaluator.filterText(statement.filter, text, scope);
        return output.write(this.#evaluator.text(value, statement.at), statement.at, false);
      }
    }
  }

  #holds(test: Expression, scope: Scope): boolean {
    const value = this.#evaluator.evaluate(test, scope);
    this.#evaluator.at = test.at;
    return truthy(value);
  }

  #collect(statements: readonly Statement[], scope: Scope): string {
    const output = new TextOutput(this.#evaluator.runtime.budget);
    this.render(statements, scope, output);
    return output.text;
  }

  #for(node: ForStatement, iterable: Value, scope: Scope, output: Output, depth: number): void {
    this.#evaluator.at = node.iterable.at;
    const items = this.#items(node, iterable, scope);
    const recurse = (inner: Value, level: number): Value =>
      this.#deeper(() => {
        const text = new TextOutput(this.#evaluator.runtime.budget);
        this.#for(node, inner, scope, text, level);
        return text.text;
      });
    const loop = new LoopContext(items, depth, node.recursive ? recurse : undefined);
    for (const item of items) {
      this.#evaluator.runtime.budget.step();
      loop.advance();
      const inner = new Scope(scope);
      inner.set('loop', loop);
      this.#evaluator.at = node.at;
      this.#assign(node.target, item, inner);
      this.render(node.body, inner, output);
    }
    if (items.length === 0) this.render(node.otherwise, new Scope(scope), output);
  }

  #items(node: ForStatement, iterable: Value, scope: Scope): Value[] {
    const items: Value[] = [];
    for (const item of iterate(iterable)) {
      this.#evaluator.runtime.budget.step();
      if (node.test) {
        const inner = new Scope(scope);
        this.#assign(node.target, item, inner);
        if (!this.#holds(node.test, inner)) continue;
      }
      items.push(item);
    }
    return items;
  }

  #assign(target: Target, value: Value, scope: Scope): void {
    if (target.kind === 'name') return scope.set(target.name, value);
    this.#evaluator.at = target.at;
    if (target.kind === 'namespace') {
      const space = scope.get(target.name);
      if (!(space instanceof Namespace)) {
        throw new PythonError('TemplateRuntimeError', `'${target.name}' is no namespace() whose attributes can be set`);
      }
      return space.set(target.attribute, value);
    }
    const values = [...iterate(value)];
    const [wanted, got] = [target.items.length, values.length];
    if (got < wanted) throw valueError(`not enough values to unpack (expected ${wanted}, got ${got})`);
    if (got > wanted)
      throw valueError(`too many values to unpack (expected ${wanted}, got ${got} of ${typeName(value)})`);
    for (const [index, inner] of target.items.entries()) this.#assign(inner, values[index] ?? null, scope);
  }

  #macro(definition: MacroDefinition, scope: Scope): Macro {
    return new Macro(definition, scope, (macro, inner, bindings) => this.#expand(macro, inner, bindings));
  }

  #expand(macro: MacroDefinition, scope: Scope, bindings: Bindings): Value {
    return this.#deeper(() => {
      // A default that names a parameter behind it, or itself, doesn't mean a variable outside.
      for (const { name } of macro.parameters) scope.set(name, new Undefined(`${quoted(name)} is undefined`));
      for (const [name, value] of bindings) scope.set(name, value);
      for (const parameter of macro.parameters) {
        if (bindings.has(parameter.name) || !parameter.default) continue;
        scope.set(parameter.name, this.#evaluator.evaluate(parameter.default, scope));
      }
      return this.#collect(macro.body, scope);
    });
  }

  #deeper<T>(run: () => T): T {
    this.#depth += 1;
    if (this.#depth > deepestCall) {
      throw new PythonError('RecursionError', `macros and loops call each other more than ${deepestCall} deep`);
    }
    const { at } = this.#evaluator;
    const result = run();
    this.#evaluator.at = at;
    this.#depth -= 1;
    return result;
  }

  #callBlock(node: Extract<Statement, { kind: 'callBlock' }>, scope: Scope, output: Output): void {
    if (node.call.kind !== 'call') return;
    const target = this.#evaluator.evaluate(node.call.target, scope);
    const { positional, named } = this.#evaluator.arguments(node.call.arguments, scope);
    const args: CallArguments = { positional, named: new Map([...named, ['caller', this.#macro(node.caller, scope)]]) };
    this.#evaluator.at = node.call.at;
    const value = this.#evaluator.call(defined(target), args);
    output.write(this.#evaluator.text(value, node.at), node.at, false);
  }
}
