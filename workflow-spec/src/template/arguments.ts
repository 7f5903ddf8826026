import { RecipeError } from '../problem.ts';
import type { ArgumentList, Expression } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

/** No arguments at all. */
export const noArguments: ArgumentList = { positional: [], named: [] };

/** `(a, b, name=c, *d, **e)`. @param expression parses one expression */
export function parseArguments(tokens: TokenStream, expression: () => Expression): ArgumentList {
  const { offset } = tokens.expect('operator', '(');
  const positional: Expression[] = [];
  const named: [string, Expression][] = [];
  let spread: Expression | undefined;
  let spreadNamed: Expression | undefined;
  const ensure = (ok: boolean): void => {
    if (!ok) throw new RecipeError('invalid order of arguments: positional, then named, then *list and **dict', offset);
  };
  for (let first = true; !tokens.isOperator(')'); first = false) {
    if (!first) {
      tokens.expect('operator', ',');
      if (tokens.isOperator(')')) break;
    }
    if (tokens.skip('operator', '*')) {
      ensure(spread === undefined && spreadNamed === undefined);
      spread = expression();
    } else if (tokens.skip('operator', '**')) {
      ensure(spreadNamed === undefined);
      spreadNamed = expression();
    } else if (tokens.isName() && tokens.look(1).type === 'operator' && tokens.look(1).value === '=') {
      ensure(spreadNamed === undefined);
      const name = tokens.next().value;
      tokens.next();
      named.push([name, expression()]);
    } else {
      ensure(spread === undefined && spreadNamed === undefined && named.length === 0);
      positional.push(expression());
    }
  }
  tokens.expect('operator', ')');
  return { positional, named, ...(spread && { spread }), ...(spreadNamed && { spreadNamed }) };
}
