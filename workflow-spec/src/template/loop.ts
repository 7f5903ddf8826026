import { equal } from '../python/compare.ts';
import {
  type CallArguments,
  PyFunction,
  PyInstance,
  PyTuple,
  PythonError,
  Undefined,
  type Value,
  typeError,
} from '../python/value.ts';

/** Jinja's `loop`. */
export class LoopContext extends PyInstance {
  readonly typeName = 'LoopContext';
  readonly #items: readonly Value[];
  readonly #depth: number;
  readonly #recurse: ((items: Value, depth: number) => Value) | undefined;
  #index = -1;
  #last: readonly Value[] | undefined;

  /** @param recurse renders the loop once more, for `{% for … recursive %}` */
  constructor(items: readonly Value[], depth: number, recurse?: (items: Value, depth: number) => Value) {
    super();
    this.#items = items;
    this.#depth = depth;
    this.#recurse = recurse;
  }

  /** Goes on to the next item. */
  advance(): void {
    this.#index += 1;
  }

  attribute(name: string): Value | undefined {
    const [index, size] = [this.#index, this.#items.length];
    switch (name) {
      case 'index':
        return BigInt(index + 1);
      case 'index0':
        return BigInt(index);
      case 'revindex':
        return BigInt(size - index);
      case 'revindex0':
        return BigInt(size - index - 1);
      case 'first':
        return index === 0;
      case 'last':
        return index === size - 1;
      case 'length':
        return BigInt(size);
      case 'depth':
        return BigInt(this.#depth + 1);
      case 'depth0':
        return BigInt(this.#depth);
      case 'previtem':
        return index === 0 ? new Undefined('there is no previous item') : (this.#items[index - 1] ?? null);
      case 'nextitem':
        return index === size - 1 ? new Undefined('there is no next item') : (this.#items[index + 1] ?? null);
      case 'cycle':
        return new PyFunction('cycle', ({ positional }) => {
          if (positional.length === 0) throw typeError('no items for cycling given');
          return positional[index % positional.length] ?? null;
        });
      case 'changed':
        return new PyFunction('changed', ({ positional }) => this.#changed(positional));
      default:
        return undefined;
    }
  }

  #changed(values: readonly Value[]): boolean {
    const before = this.#last;
    if (before && equal(new PyTuple(before), new PyTuple(values))) return false;
    this.#last = values;
    return true;
  }

  override invoke({ positional }: CallArguments): Value {
    if (!this.#recurse) {
      throw typeError("the loop must have the 'recursive' marker to be called recursively");
    }
    const [items] = positional;
    if (items === undefined) throw new PythonError('TypeError', 'loop() takes the items to go through');
    return this.#recurse(items, this.#depth + 1);
  }

  print(): string {
    return `<LoopContext ${this.#index + 1}/${this.#items.length}>`;
  }
}
