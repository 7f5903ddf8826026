import type { ResourceAmounts } from '@osmo/crds';
import { formatQuantity, parseQuantity, QuantityError } from '@osmo/kube/quantity';
import type { NodeOffer } from './resource-rules.ts';

/** What a task asks for and no node has. */
export interface Unfit {
  /** The amount that is too much; undefined when only all of them together are. */
  readonly amount: Amount | undefined;
  /** `needs 16 GPUs, the largest node of platform "a100" has 8`. */
  readonly message: string;
}

const amountNames = ['gpu', 'cpu', 'memory', 'storage'] as const;
type Amount = (typeof amountNames)[number];

/**
 * Whether a task with these amounts can be on one of these nodes when that is empty; undefined when it can, or when no
 * node is known. An amount that a node says nothing about is no obstacle.
 *
 * @param on where, for the message: `platform "a100"`
 */
export function unfitOf(amounts: ResourceAmounts, offers: readonly NodeOffer[], on: string): Unfit | undefined {
  if (offers.length === 0) return undefined;
  const asked = amountNames.flatMap((name) => {
    const value = nanoOf(amounts[name]);
    return value === undefined || value === 0n ? [] : [{ name, value }];
  });
  const nodes = offers.map((offer) => ({ offer, has: (name: Amount) => nanoOf(hasOf(offer, name)) }));
  const fits = ({ has }: (typeof nodes)[number]): boolean =>
    asked.every(({ name, value }) => value <= (has(name) ?? value));
  if (nodes.some(fits)) return undefined;
  for (const { name, value } of asked) {
    const largest = nodes.reduce<bigint>((most, { has }) => max(most, has(name) ?? value), 0n);
    if (value <= largest) continue;
    const message = `needs ${words(name, value)}, the largest node of ${on} has ${words(name, largest, true)}`;
    return { amount: name, message };
  }
  const all = asked.map(({ name, value }) => words(name, value)).join(', ');
  return { amount: undefined, message: `needs ${all} on one node, and none of ${on} has all of it` };
}

/** Without the field a declared node has no GPU; other amounts are then unknown. */
const hasOf = (offer: NodeOffer, name: Amount): string | number | undefined =>
  name === 'gpu' ? (offer.gpu ?? 0) : offer[name];

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function words(name: Amount, nano: bigint, bare = false): string {
  if (name === 'memory' || name === 'storage') {
    const text = formatQuantity({ nano, format: 'BinarySI' });
    return bare ? text : `${text} of ${name}`;
  }
  const text = formatQuantity({ nano, format: 'DecimalSI' });
  if (bare) return text;
  return `${text} ${name.toUpperCase()}${text === '1' ? '' : 's'}`;
}

/** In billionths; undefined for what is not there or no quantity. */
function nanoOf(quantity: string | number | undefined): bigint | undefined {
  if (quantity === undefined) return undefined;
  try {
    return parseQuantity(String(quantity)).nano;
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}
