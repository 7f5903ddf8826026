export type TokenType =
  | 'data'
  | 'blockBegin'
  | 'blockEnd'
  | 'variableBegin'
  | 'variableEnd'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'end';

/** A token of a template. */
export interface Token {
  readonly type: TokenType;
  /** Text of data, strings (unescaped) and names; the operator; digits of numbers without `_`. */
  readonly value: string;
  /** Offset of its first character in the source. */
  readonly offset: number;
}
