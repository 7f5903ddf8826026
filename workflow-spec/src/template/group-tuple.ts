import { PyTuple, type Value } from '../python/value.ts';

/** What `groupby` gives: a tuple whose items are also its attributes `grouper` and `list`. */
export class GroupTuple extends PyTuple {
  constructor(grouper: Value, items: Value[]) {
    super([grouper, items]);
  }

  attribute(name: string): Value | undefined {
    if (name === 'grouper') return this.items[0];
    return name === 'list' ? this.items[1] : undefined;
  }
}
