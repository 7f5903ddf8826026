import { PyDict } from '../python/dict.ts';
import { pairs } from '../python/container-methods.ts';
import { numeric } from '../python/compare.ts';
import { repr } from '../python/text.ts';
import {
  type CallArguments,
  PyFunction,
  PyInstance,
  PyRange,
  PythonError,
  type Value,
  typeError,
  typeName,
  valueError,
} from '../python/value.ts';

/** Jinja's sandbox refuses longer ranges. */
const longestRange = 100_000;

/** `namespace(…)`: an object whose attributes `{% set %}` may set. */
export class Namespace extends PyInstance {
  readonly typeName = 'Namespace';
  readonly #values: PyDict;

  constructor(values: PyDict) {
    super();
    this.#values = values;
  }

  attribute(name: string): Value | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  print(): string {
    return `<Namespace ${repr(this.#values)}>`;
  }
}

/** `cycler('a', 'b')` */
class Cycler extends PyInstance {
  readonly typeName = 'Cycler';
  readonly #items: readonly Value[];
  #index = 0;

  constructor(items: readonly Value[]) {
    super();
    if (items.length === 0) throw new PythonError('RuntimeError', 'at least one item has to be provided');
    this.#items = items;
  }

  get #current(): Value {
    return this.#items[this.#index] ?? null;
  }

  attribute(name: string): Value | undefined {
    if (name === 'current') return this.#current;
    if (name === 'next') {
      return new PyFunction('next', () => {
        const value = this.#current;
        this.#index = (this.#index + 1) % this.#items.length;
        return value;
      });
    }
    if (name !== 'reset') return undefined;
    return new PyFunction('reset', () => {
      this.#index = 0;
      return null;
    });
  }
}

/** `joiner(', ')`: nothing at the first call, the separator at later ones. */
class Joiner extends PyInstance {
  readonly typeName = 'Joiner';
  readonly #separator: Value;
  #used = false;

  constructor(separator: Value) {
    super();
    this.#separator = separator;
  }

  attribute(): undefined {
    return undefined;
  }

  override invoke(): Value {
    if (this.#used) return this.#separator;
    this.#used = true;
    return '';
  }
}

const makeFunction = (name: string, call: (args: CallArguments) => Value) => (): Value => new PyFunction(name, call);

/** Functions that every template has. Python's others (`lipsum`) are left out: a rendering must be reproducible. */
export const globals: ReadonlyMap<string, () => Value> = new Map([
  ['range', makeFunction('range', ({ positional }) => range(positional))],
  [
    'dict',
    makeFunction('dict', ({ positional, named }) => {
      if (positional.length > 1) throw typeError(`dict expected at most 1 argument, got ${positional.length}`);
      const [source] = positional;
      return new PyDict([...(source === undefined ? [] : pairs(source)), ...named]);
    }),
  ],
  [
    'namespace',
    makeFunction('namespace', ({ positional, named }) => {
      const [source] = positional;
      return new Namespace(new PyDict([...(source === undefined ? [] : pairs(source)), ...named]));
    }),
  ],
  ['cycler', makeFunction('cycler', ({ positional }) => new Cycler(positional))],
  ['joiner', makeFunction('joiner', ({ positional, named }) => new Joiner(positional[0] ?? named.get('sep') ?? ', '))],
]);

function range(args: readonly Value[]): PyRange {
  if (args.length === 0 || args.length > 3) throw typeError(`range expected 1 to 3 arguments, got ${args.length}`);
  const numbers = args.map((value) => {
    const number = numeric(value);
    if (typeof number === 'bigint') return number;
    throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  });
  const [first = 0n, second, step = 1n] = numbers;
  if (step === 0n) throw valueError('range() arg 3 must not be zero');
  const made = second === undefined ? new PyRange(0n, first, 1n) : new PyRange(first, second, step);
  if (made.length > longestRange) {
    throw new PythonError(
      'OverflowError',
      `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${longestRange}).`,
    );
  }
  return made;
}
