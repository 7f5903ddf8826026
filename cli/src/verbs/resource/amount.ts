/** Factors of units; all are binary, as upstream takes them. */
const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Bytes of a number, or of a text such as `16Gi`, `16GiB` or `16G`; 0 for what is none. */
export function bytesOf(quantity: unknown): number {
  if (typeof quantity === 'number') return quantity;
  if (typeof quantity !== 'string') return 0;
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*([kKMGT]?)(?:i?B?)?\s*$/.exec(quantity) ?? [];
  return number === undefined ? 0 : Number(number) * (units[unit.toLowerCase()] ?? 1);
}

/** A plain number, or one in a text, `500m` being a half. */
export function numberOf(quantity: unknown): number {
  const [, number, milli] = /^\s*(\d+(?:\.\d+)?)(m?)\s*$/.exec(String(quantity)) ?? [];
  return number === undefined ? 0 : Number(number) / (milli === 'm' ? 1000 : 1);
}

/** A kind of resource in a table: its column, and an amount in the unit of that column. */
export interface Kind {
  key: 'storage' | 'cpu' | 'memory' | 'gpu';
  title: string;
  amount: (quantity: unknown) => number;
}

const gibi = (quantity: unknown): number => bytesOf(quantity) / 2 ** 30;

/** Upstream's columns. */
export const kinds: readonly Kind[] = [
  { key: 'storage', title: 'Storage [Gi]', amount: gibi },
  { key: 'cpu', title: 'CPU [#]', amount: numberOf },
  { key: 'memory', title: 'Memory [Gi]', amount: gibi },
  { key: 'gpu', title: 'GPU [#]', amount: numberOf },
];
