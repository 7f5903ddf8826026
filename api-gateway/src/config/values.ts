import { durationSeconds, recipeDuration } from '@osmo/workflow-spec';
import { ConfigProblem, isJson, type Json } from './config-fields.ts';

/*
 * Values of upstream's JSON; undefined stays undefined. How long a text or a list may be is the apiserver's to say.
 */

/** @throws ConfigProblem */
export function readText(value: unknown, path: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(path, value, 'must be a text');
}

/** @throws ConfigProblem */
export function readFlag(value: unknown, path: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrong(path, value, 'must be true or false');
}

/** @throws ConfigProblem */
export function readInteger(value: unknown, path: string): number | undefined {
  if (value === undefined || Number.isSafeInteger(value)) return value as number | undefined;
  throw wrong(path, value, 'must be an integer');
}

/** @throws ConfigProblem */
export function readTexts(value: unknown, path: string): string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
  throw wrong(path, value, 'must be a list of texts');
}

/** @throws ConfigProblem */
export function readObject(value: unknown, path: string): Json | undefined {
  if (value === undefined || isJson(value)) return value;
  throw wrong(path, value, 'must be an object');
}

/** @throws ConfigProblem */
export function readObjects(value: unknown, path: string): Json[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every(isJson)) return value;
  throw wrong(path, value, 'must be a list of objects');
}

/** Texts by name; numbers and truth values are taken as their texts. @throws ConfigProblem */
export function readTextMap(value: unknown, path: string): Record<string, string> | undefined {
  const map = readObject(value, path);
  if (map === undefined) return undefined;
  const entries = Object.entries(map).map(([name, item]) => {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return [name, String(item)];
    throw wrong(`${path}.${name.slice(0, 64)}`, item, 'must be a text or a number');
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A duration in whole seconds; nothing for an empty text. @throws ConfigProblem */
export function readDuration(value: unknown, path: string): number | undefined {
  const text = typeof value === 'number' ? String(value) : readText(value, path);
  if (text === undefined || text === '') return undefined;
  const seconds = durationSeconds(text);
  if (seconds !== undefined && seconds >= 1) return seconds;
  throw wrong(path, value, "must be a duration of a second or more, such as '30m', '2h' or '7d'");
}

/** A duration as upstream has it; an empty text for none. */
export function durationText(seconds: number | undefined): string {
  return seconds === undefined ? '' : recipeDuration(seconds);
}

/** A list, or nothing for an empty one: specs leave them out. */
export function unlessEmpty<T>(list: readonly T[] | undefined): T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : [...list];
}

/** An object with a field set, or without it when there is no value. */
export function withField<S extends object, K extends keyof S>(object: S, name: K, value: S[K] | undefined): S {
  const { [name]: _old, ...rest } = object;
  return (value === undefined ? rest : { ...rest, [name]: value }) as S;
}

export function wrong(path: string, value: unknown, rule: string): ConfigProblem {
  const isShown = typeof value === 'number' || typeof value === 'boolean' || value === null;
  // Texts in the wrong place may be secrets.
  return new ConfigProblem(path, isShown ? `${JSON.stringify(value)}: ${rule}` : rule);
}
