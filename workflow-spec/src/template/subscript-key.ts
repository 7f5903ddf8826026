import { RecipeError } from '../problem.ts';
import type { Expression, Slice } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

/** What stands in `[…]`, and the closing bracket: an expression, a slice, or a tuple. @param at offset of the bracket */
export function parseKey(tokens: TokenStream, expression: () => Expression, at: number): Expression | Slice {
  const parts: (Expression | Slice)[] = [];
  while (!tokens.isOperator(']')) {
    if (parts.length > 0) tokens.expect('operator', ',');
    parts.push(parsePart(tokens, expression));
  }
  tokens.expect('operator', ']');
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const items = parts.map((part) => {
    if (part.kind !== 'slice') return part;
    throw new RecipeError('several slices are not supported', part.at);
  });
  return { kind: 'tuple', items, at };
}

function parsePart(tokens: TokenStream, expression: () => Expression): Expression | Slice {
  const at = tokens.current.offset;
  const bound = (...ends: readonly string[]): Expression | undefined =>
    ends.some((end) => tokens.isOperator(end)) ? undefined : expression();
  const start = tokens.isOperator(':') ? undefined : expression();
  if (start !== undefined && !tokens.isOperator(':')) return start;
  tokens.expect('operator', ':');
  const stop = bound(']', ',', ':');
  const step = tokens.skip('operator', ':') ? bound(']', ',') : undefined;
  return { kind: 'slice', start, stop, step, at };
}
