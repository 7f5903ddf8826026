import type { BinaryOperator } from '../python/operators.ts';
import type { Value } from '../python/value.ts';

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

interface At {
  /** Offset in the source. */
  readonly at: number;
}

/** Arguments of a call, a filter or a test. */
export interface ArgumentList {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  /** `*expression` */
  readonly spread?: Expression;
  /** `**expression` */
  readonly spreadNamed?: Expression;
}

export type Expression = At &
  (
    | { readonly kind: 'constant'; readonly value: Value }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
    | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
    | { readonly kind: 'attribute'; readonly target: Expression; readonly name: string }
    | { readonly kind: 'item'; readonly target: Expression; readonly key: Expression | Slice }
    | { readonly kind: 'call'; readonly target: Expression; readonly arguments: ArgumentList }
    /** `target` is undefined in `{% filter %}` and `{% set x | filter %}`. */
    | {
        readonly kind: 'filter';
        readonly target: Expression | undefined;
        readonly name: string;
        readonly arguments: ArgumentList;
      }
    | { readonly kind: 'test'; readonly target: Expression; readonly name: string; readonly arguments: ArgumentList }
    | { readonly kind: 'not' | 'negative' | 'positive'; readonly operand: Expression }
    | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'concat'; readonly parts: readonly Expression[] }
    | {
        readonly kind: 'compare';
        readonly first: Expression;
        readonly rest: readonly (readonly [CompareOperator, Expression])[];
      }
    | {
        readonly kind: 'condition';
        readonly test: Expression;
        readonly value: Expression;
        readonly otherwise: Expression | undefined;
      }
  );

/** `[start:stop:step]` */
export interface Slice extends At {
  readonly kind: 'slice';
  readonly start: Expression | undefined;
  readonly stop: Expression | undefined;
  readonly step: Expression | undefined;
}

/** What a value can be assigned to. */
export type Target = At &
  (
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'tuple'; readonly items: readonly Target[] }
    | { readonly kind: 'namespace'; readonly name: string; readonly attribute: string }
  );

export interface Parameter {
  readonly name: string;
  readonly default: Expression | undefined;
}

export interface MacroDefinition {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Which of `caller`, `kwargs` and `varargs` its body names: only then a call may pass them. */
  readonly uses: ReadonlySet<string>;
  readonly body: readonly Statement[];
}

export type Statement = At &
  (
    | { readonly kind: 'data'; readonly text: string }
    | { readonly kind: 'print'; readonly expression: Expression }
    | {
        readonly kind: 'for';
        readonly target: Target;
        readonly iterable: Expression;
        readonly test: Expression | undefined;
        readonly recursive: boolean;
        readonly body: readonly Statement[];
        readonly otherwise: readonly Statement[];
      }
    | {
        readonly kind: 'if';
        readonly branches: readonly { readonly test: Expression; readonly body: readonly Statement[] }[];
        readonly otherwise: readonly Statement[];
      }
    | { readonly kind: 'set'; readonly target: Target; readonly value: Expression }
    | {
        readonly kind: 'setBlock';
        readonly target: Target;
        readonly filter: Expression | undefined;
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'with';
        readonly bindings: readonly (readonly [Target, Expression])[];
        readonly body: readonly Statement[];
      }
    | { readonly kind: 'macro'; readonly macro: MacroDefinition }
    | { readonly kind: 'callBlock'; readonly call: Expression; readonly caller: MacroDefinition }
    | { readonly kind: 'filterBlock'; readonly filter: Expression; readonly body: readonly Statement[] }
  );
