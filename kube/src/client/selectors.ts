import type { LabelSelector } from './kinds/meta.ts';

export type SelectorOperator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';

/** One condition on one label (or field). */
export interface Requirement {
  key: string;
  operator: SelectorOperator;
  /** One for '=', '!=', '>' and '<', one or more for 'in' and 'notin', none for 'exists' and '!'. */
  values: readonly string[];
}

/** A selector that can't be parsed. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

const key = String.raw`([A-Za-z0-9][-\w./]*)`;
const exists = new RegExp(`^(!?)\\s*${key}$`);
const set = new RegExp(String.raw`^${key}\s+(in|notin)\s*\(([^()]*)\)$`);
const equality = new RegExp(String.raw`^${key}\s*(==|!=|=|>|<)\s*([-\w.]*)$`);

/**
 * Parses a label selector as kubectl takes it: 'a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1'.
 *
 * @throws SelectorError with the part that is wrong.
 */
export function parseLabelSelector(text: string): Requirement[] {
  return splitTop(text).map((part) => {
    const asSet = set.exec(part);
    if (asSet) {
      const values = (asSet[3] ?? '').split(',').map((value) => value.trim());
      return { key: asSet[1] ?? '', operator: asSet[2] as 'in' | 'notin', values };
    }
    const asEquality = equality.exec(part);
    if (asEquality) {
      const operator = asEquality[2] === '==' ? '=' : (asEquality[2] as '=');
      const value = asEquality[3] ?? '';
      if ((asEquality[2] === '>' || asEquality[2] === '<') && !/^-?\d+$/.test(value)) {
        throw new SelectorError(`label selector: ${JSON.stringify(part)} needs a whole number`);
      }
      return { key: asEquality[1] ?? '', operator, values: [value] };
    }
    const asExists = exists.exec(part);
    if (asExists) return { key: asExists[2] ?? '', operator: asExists[1] ? '!' : 'exists', values: [] };
    throw new SelectorError(
      `label selector: ${JSON.stringify(part)} is none of key=value, key!=value, key in (a,b), key notin (a,b), key, !key, key>1, key<1`,
    );
  });
}

/** Splits at commas that are not inside parentheses; '' has no parts. */
function splitTop(text: string): string[] {
  const parts = text.split(/,(?![^()]*\))/).map((part) => part.trim());
  return parts.length === 1 && parts[0] === '' ? [] : parts;
}

/** Whether labels meet every requirement. As in Kubernetes, '!=' and 'notin' hold for a missing label. */
export function matchesLabels(
  requirements: readonly Requirement[],
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return requirements.every(({ key: label, operator, values }) => {
    const value = labels !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined;
    switch (operator) {
      case '=':
      case 'in':
        return value !== undefined && values.includes(value);
      case '!=':
      case 'notin':
        return value === undefined || !values.includes(value);
      case 'exists':
        return value !== undefined;
      case '!':
        return value === undefined;
      case '>':
      case '<':
        return value !== undefined && isInteger(value) && beyond(operator, BigInt(value), BigInt(values[0] ?? '0'));
    }
  });
}

const isInteger = (text: string): boolean => /^-?\d+$/.test(text);
const beyond = (operator: '>' | '<', a: bigint, b: bigint): boolean => (operator === '>' ? a > b : a < b);

/** The text of requirements, for `labelSelector`; parses back to the same. */
export function formatSelector(requirements: readonly Requirement[]): string {
  return requirements
    .map(({ key: label, operator, values }) => {
      if (operator === 'exists') return label;
      if (operator === '!') return `!${label}`;
      if (operator === 'in' || operator === 'notin') return `${label} ${operator} (${values.join(',')})`;
      return `${label}${operator}${values[0] ?? ''}`;
    })
    .join(',');
}

/** The selector text of labels that must all be there: { a: 'b' } is 'a=b'. */
export function labelsSelector(labels: Readonly<Record<string, string>>): string {
  return formatSelector(Object.entries(labels).map(([k, value]) => ({ key: k, operator: '=', values: [value] })));
}

/** Requirements of a `metav1.LabelSelector`; an empty one selects everything. */
export function requirementsOf(selector: LabelSelector): Requirement[] {
  const operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const;
  return [
    ...Object.entries(selector.matchLabels ?? {}).map(([k, value]): Requirement => ({
      key: k,
      operator: '=',
      values: [value],
    })),
    ...(selector.matchExpressions ?? []).map((e): Requirement => ({
      key: e.key,
      operator: operators[e.operator],
      values: e.values ?? [],
    })),
  ];
}

/**
 * Parses a field selector: 'metadata.name=a,spec.nodeName!=b'.
 *
 * @throws SelectorError with the part that is wrong.
 */
export function parseFieldSelector(text: string): Requirement[] {
  return splitTop(text).map((part) => {
    const [, field, operator, value] = /^([\w.[\]/-]+)(==|!=|=)(.*)$/.exec(part) ?? [];
    if (field === undefined) {
      throw new SelectorError(`field selector: ${JSON.stringify(part)} is neither field=value nor field!=value`);
    }
    return { key: field, operator: operator === '!=' ? '!=' : '=', values: [value ?? ''] };
  });
}

/** Whether an object's fields meet every requirement; a missing field counts as ''. */
export function matchesFields(requirements: readonly Requirement[], object: object): boolean {
  return requirements.every(({ key: field, operator, values }) => {
    const value = field
      .split('.')
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], object);
    const text = typeof value === 'object' || value === undefined ? '' : `${value as string | number | boolean}`;
    return (text === values[0]) === (operator === '=');
  });
}
