import { usageFailure } from '../../failure.ts';
import type { Session } from '../../session.ts';
import { readRecipeFile } from '../workflow/submission.ts';

type Values = Record<string, unknown>;

/**
 * Reads `key:type:value` of `--set`: dots in the key nest, commas make a list.
 *
 * @param option where it was given, for messages
 * @throws Failure when it isn't of that form, or no number where one must be
 */
export function attributesOf(texts: readonly string[], option: string): Values {
  const values: Values = {};
  for (const text of texts) {
    const [, key = '', type, written] = /^([^:]+):(string|numeric):(.*)$/s.exec(text) ?? [];
    const wrong = (why: string): Error => usageFailure(`${option} ${JSON.stringify(text)}: ${why}`);
    if (type === undefined || written === undefined)
      throw wrong('must be key:string:value or key:numeric:value; several values have commas between them');
    const steps = key.split('.');
    if (steps.includes('')) throw wrong('the key must be names with dots between them');
    const all = written.split(',').map((each) => {
      if (type === 'string') return each;
      const number = Number(each);
      if (each.trim() === '' || !Number.isFinite(number)) throw wrong(`${JSON.stringify(each)} is no number`);
      return number;
    });
    put(values, steps, all.length === 1 ? all[0] : all);
  }
  return values;
}

/** The maps in files of YAML or JSON, the later over the earlier. @throws Failure */
export async function attributesIn(session: Session, files: readonly string[], option: string): Promise<Values> {
  const { parse } = await import('yaml');
  const all: Values = {};
  for (const file of files) {
    const { text } = readRecipeFile(session, file);
    let parsed: unknown;
    try {
      parsed = parse(text);
    } catch (error) {
      throw usageFailure(`${option} ${file}: is no YAML or JSON: ${(error as Error).message}`);
    }
    if (!isMap(parsed)) throw usageFailure(`${option} ${file}: must hold a map`);
    join(all, parsed);
  }
  return all;
}

/** Joins maps at every depth; what isn't two maps is replaced. */
export function join(into: Values, more: Values): void {
  for (const [key, value] of Object.entries(more)) {
    const old = Object.hasOwn(into, key) ? into[key] : undefined;
    if (isMap(old) && isMap(value)) join(old, value);
    else Object.defineProperty(into, key, { value, enumerable: true, writable: true, configurable: true });
  }
}

function put(into: Values, [step = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) return join(into, { [step]: value });
  const inner: Values = {};
  put(inner, rest, value);
  return join(into, { [step]: inner });
}

const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
