import { badRequest } from './errors.ts';
import type { Parameter, Parameters, Values } from './operation.ts';

/** Values of one repeated parameter. */
const mostValues = 256;
const longestText = 1024;

/**
 * Reads the declared parameters of a query; unknown ones are ignored, as upstream does. Empty texts count as left out.
 *
 * @throws RequestError 400 naming the parameter, its value and what is allowed
 */
export function readParameters<P extends Parameters>(declared: P, query: URLSearchParams): Values<P> {
  const values = Object.entries(declared).map(([name, parameter]) => {
    const given = query.getAll(name).filter((text) => text !== '');
    if (parameter.type === 'texts') return [name, texts(name, parameter, given)];
    const [last] = given.slice(-1);
    return [name, last === undefined ? undefined : read(name, parameter, last)];
  });
  return Object.fromEntries(values) as Values<P>;
}

function texts(name: string, parameter: Parameter, given: readonly string[]): readonly string[] {
  if (given.length > mostValues) throw badRequest(`${name}: must be given at most ${mostValues} times`);
  return given.map((text) => textValue(name, parameter, text));
}

function read(name: string, parameter: Parameter, text: string): string | number | boolean | Date {
  switch (parameter.type) {
    case 'integer':
      return integer(name, parameter, text);
    case 'boolean':
      return bool(name, text);
    case 'time':
      return time(name, text);
    case 'text':
    case 'texts':
      return textValue(name, parameter, text);
  }
}

function textValue(name: string, { enum: allowed, maxLength = longestText }: Parameter, text: string): string {
  if (text.length > maxLength) throw badRequest(`${name}: must have at most ${maxLength} characters`);
  if (allowed !== undefined && !allowed.includes(text))
    throw refused(name, text, `must be one of ${allowed.join(', ')}`);
  return text;
}

function integer(name: string, { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Parameter, text: string): number {
  const value = Number(text);
  if (/^-?\d{1,16}$/.test(text) && value >= minimum && value <= maximum) return value;
  throw refused(name, text, `must be an integer from ${minimum} to ${maximum}`);
}

function bool(name: string, text: string): boolean {
  const word = text.toLowerCase();
  if (word === 'true' || word === '1') return true;
  if (word === 'false' || word === '0') return false;
  throw refused(name, text, 'must be true or false');
}

/** UTC, with or without a mark that says so. */
function time(name: string, text: string): Date {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  const value =
    match === null ? new Date(Number.NaN) : new Date(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
  if (!Number.isNaN(value.getTime())) return value;
  throw refused(name, text, 'must be a time such as 2025-01-31T12:00:00, in UTC unless it ends with an offset');
}

function refused(name: string, text: string, rule: string): Error {
  return badRequest(`${name}: ${JSON.stringify(text.slice(0, 64))}: ${rule}`);
}
