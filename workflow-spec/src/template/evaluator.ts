import { contains, equal, ordered, truthy } from '../python/compare.ts';
import { PyDict } from '../python/dict.ts';
import { iterate } from '../python/iterate.ts';
import { binary, checked, signed } from '../python/operators.ts';
import { pairs } from '../python/container-methods.ts';
import { sliceOf } from '../python/subscript.ts';
import { quoted, str } from '../python/text.ts';
import {
  type CallArguments,
  PyFunction,
  PyInstance,
  PyTuple,
  PythonError,
  Undefined,
  type Value,
  defined,
  typeError,
  typeName,
} from '../python/value.ts';
import type { ArgumentList, CompareOperator, Expression, Slice } from './ast.ts';
import { attributeOf, subscriptOf } from './attributes.ts';
import type { Runtime } from './environment.ts';
import type { Scope } from './scope.ts';

/** Evaluates expressions, and remembers where in the source it is for the errors. */
export class Evaluator {
  /** Offset of what is being evaluated. */
  at = 0;
  readonly runtime: Runtime;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  evaluate(node: Expression, scope: Scope): Value {
    this.runtime.budget.step();
    this.at = node.at;
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'name':
        return scope.get(node.name) ?? this.#missing(node.name, scope);
      case 'list':
        return node.items.map((item) => this.evaluate(item, scope));
      case 'tuple':
        return new PyTuple(node.items.map((item) => this.evaluate(item, scope)));
      case 'dict':
        return new PyDict(node.entries.map(([key, value]) => [this.evaluate(key, scope), this.evaluate(value, scope)]));
      case 'attribute':
        return this.#apply(node, this.evaluate(node.target, scope), (target) => attributeOf(target, node.name));
      case 'item':
        return this.#item(node, scope);
      case 'call':
        return this.#call(node, scope);
      case 'filter':
        if (node.target === undefined)
          throw new PythonError('TemplateRuntimeError', 'the filter has nothing to filter');
        return this.filter(node, this.evaluate(node.target, scope), scope);
      case 'test':
        return this.#test(node, scope);
      case 'not':
        return this.#apply(node, this.evaluate(node.operand, scope), (value) => !truthy(value));
      case 'negative':
        return this.#apply(node, this.evaluate(node.operand, scope), (value) => signed('-', value));
      case 'positive':
        return this.#apply(node, this.evaluate(node.operand, scope), (value) => signed('+', value));
      case 'and': {
        const left = this.evaluate(node.left, scope);
        return this.#apply(node, left, truthy) ? this.evaluate(node.right, scope) : left;
      }
      case 'or': {
        const left = this.evaluate(node.left, scope);
        return this.#apply(node, left, truthy) ? left : this.evaluate(node.right, scope);
      }
      case 'binary': {
        const left = this.evaluate(node.left, scope);
        const right = this.evaluate(node.right, scope);
        return this.#apply(node, left, () => binary(left, node.operator, right));
      }
      case 'concat': {
        const parts = node.parts.map((part) => this.text(this.evaluate(part, scope), part.at));
        const size = parts.reduce((sum, { length }) => sum + length, 0);
        return checked(size, () => parts.join(''));
      }
      case 'compare':
        return this.#compare(node.first, node.rest, scope);
      case 'condition':
        return this.#condition(node, scope);
    }
  }

  /** What a value prints; its place is that of `at`. */
  text(value: Value, at: number): string {
    this.at = at;
    return str(value);
  }

  #apply<T>(node: { at: number }, value: Value, run: (value: Value) => T): T {
    this.at = node.at;
    return run(value);
  }

  #missing(name: string, scope: Scope): Value {
    // undefined or None: the scope says the second by having the name.
    if (scope.get(name) === null) return null;
    const global = this.runtime.environment.globals.get(name);
    if (global) return global(this.runtime.budget);
    return new Undefined(`${quoted(name)} is undefined`);
  }

  #item(node: Extract<Expression, { kind: 'item' }>, scope: Scope): Value {
    const target = this.evaluate(node.target, scope);
    if (node.key.kind === 'slice') return this.#slice(target, node.key, scope);
    const key = this.evaluate(node.key, scope);
    return this.#apply(node, target, () => subscriptOf(target, defined(key)));
  }

  #slice(target: Value, { start, stop, step, at }: Slice, scope: Scope): Value {
    const bound = (expression: Expression | undefined): Value => (expression ? this.evaluate(expression, scope) : null);
    const [from, to, stride] = [bound(start), bound(stop), bound(step)];
    this.at = at;
    const slice = sliceOf(target, from, to, stride);
    if (slice === undefined) throw typeError(`'${typeName(target)}' object is not subscriptable`);
    return slice;
  }

  #call(node: Extract<Expression, { kind: 'call' }>, scope: Scope): Value {
    const target = this.evaluate(node.target, scope);
    const args = this.arguments(node.arguments, scope);
    this.at = node.at;
    return this.call(target, args);
  }

  /** `target(…)`. @throws TypeError when the target can't be called */
  call(target: Value, args: CallArguments): Value {
    this.runtime.budget.step();
    if (target instanceof PyFunction) return target.call(args);
    if (target instanceof PyInstance && target.invoke) return target.invoke(args);
    throw typeError(`'${typeName(defined(target))}' object is not callable`);
  }

  arguments(list: ArgumentList, scope: Scope): CallArguments {
    const positional = list.positional.map((argument) => this.evaluate(argument, scope));
    const named = new Map(list.named.map(([name, value]) => [name, this.evaluate(value, scope)]));
    if (list.spread) for (const item of iterate(this.evaluate(list.spread, scope))) positional.push(item);
    if (list.spreadNamed) {
      for (const [key, value] of pairs(this.evaluate(list.spreadNamed, scope))) {
        if (typeof key !== 'string') throw typeError('keywords must be strings');
        if (named.has(key)) throw typeError(`got multiple values for keyword argument '${key}'`);
        named.set(key, value);
      }
    }
    return { positional, named };
  }

  /** The value of a chain of filters on `value`, which stands for the missing target of the first. */
  filterText(node: Expression, value: Value, scope: Scope): Value {
    if (node.kind !== 'filter') return value;
    const target = node.target === undefined ? value : this.filterText(node.target, value, scope);
    return this.filter(node, target, scope);
  }

  filter(node: Extract<Expression, { kind: 'filter' }>, target: Value, scope: Scope): Value {
    const args = this.arguments(node.arguments, scope);
    this.at = node.at;
    const filter = this.runtime.environment.filters.get(node.name);
    if (!filter) throw new PythonError('TemplateRuntimeError', `there is no filter named '${node.name}'`);
    return filter(target, args, this.runtime);
  }

  #test(node: Extract<Expression, { kind: 'test' }>, scope: Scope): boolean {
    const target = this.evaluate(node.target, scope);
    const args = this.arguments(node.arguments, scope);
    this.at = node.at;
    const test = this.runtime.environment.tests.get(node.name);
    if (!test) throw new PythonError('TemplateRuntimeError', `there is no test named '${node.name}'`);
    return test(target, args, this.runtime);
  }

  #compare(first: Expression, rest: readonly (readonly [CompareOperator, Expression])[], scope: Scope): boolean {
    let left = this.evaluate(first, scope);
    for (const [operator, operand] of rest) {
      const right = this.evaluate(operand, scope);
      this.at = operand.at;
      if (!compare(left, operator, right)) return false;
      left = right;
    }
    return true;
  }

  #condition(node: Extract<Expression, { kind: 'condition' }>, scope: Scope): Value {
    const test = this.evaluate(node.test, scope);
    if (this.#apply(node, test, truthy)) return this.evaluate(node.value, scope);
    if (node.otherwise) return this.evaluate(node.otherwise, scope);
    return new Undefined('the inline if-expression evaluated to false and has no else', true);
  }
}

function compare(left: Value, operator: CompareOperator, right: Value): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(left, operator, right);
  }
}
