import { RecipeError } from '../problem.ts';
import type { Token, TokenType } from './token.ts';

/** A place in a list of tokens, with the questions that a parser asks. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.look(0);
  }

  /** The token after `distance` others; the last one is an endless `end`. */
  look(distance: number): Token {
    const last = this.#tokens.length - 1;
    return this.#tokens[Math.min(this.#index + distance, last)] ?? { type: 'end', value: '', offset: 0 };
  }

  next(): Token {
    const token = this.current;
    this.#index += 1;
    return token;
  }

  is(type: TokenType, value?: string): boolean {
    return this.current.type === type && (value === undefined || this.current.value === value);
  }

  isOperator(value: string): boolean {
    return this.is('operator', value);
  }

  isName(...names: readonly string[]): boolean {
    return this.current.type === 'name' && (names.length === 0 || names.includes(this.current.value));
  }

  /** Goes on if the token is this one. */
  skip(type: TokenType, value?: string): boolean {
    if (!this.is(type, value)) return false;
    this.#index += 1;
    return true;
  }

  /** @throws RecipeError when the token is another one */
  expect(type: TokenType, value?: string): Token {
    if (this.is(type, value)) return this.next();
    throw this.unexpected(`expected ${value === undefined ? words[type] : `'${value}'`}`);
  }

  unexpected(expectation: string): RecipeError {
    return new RecipeError(`${expectation}, found ${describe(this.current)}`, this.current.offset);
  }
}

const words: Readonly<Record<TokenType, string>> = {
  data: 'text',
  blockBegin: "'{%'",
  blockEnd: "'%}'",
  variableBegin: "'{{'",
  variableEnd: "'}}'",
  name: 'a name',
  string: 'a string',
  integer: 'an integer',
  float: 'a number',
  operator: 'an operator',
  end: 'the end of the template',
};

function describe({ type, value }: Token): string {
  return ['name', 'integer', 'float', 'operator'].includes(type) ? `'${value}'` : words[type];
}
