import { jsonEqual } from '@osmo/kube';

/** An object of JSON, as a request brings it. */
export type Json = Readonly<Record<string, unknown>>;

/** One thing that is wrong with a configuration: where, and what is allowed. */
export class ConfigProblem extends Error {
  override readonly name = 'ConfigProblem';
  readonly path: string;

  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.path = path;
  }
}

/** One field of upstream's JSON and what it is in a spec. */
export interface ConfigField<S> {
  name: string;
  /** The field as upstream has it; every one is there, also where the spec says nothing. */
  view(spec: S): unknown;
  /**
   * The spec with another value of the field; undefined: as if nobody had ever said anything.
   *
   * @throws ConfigProblem
   */
  apply(spec: S, value: unknown, path: string): S;
}

/** How a kind is read and written in upstream's JSON. */
export interface ConfigShape<S> {
  fields: readonly ConfigField<S>[];
  /** Fields that say what follows from elsewhere: shown, and no change when they are sent back. */
  derived: readonly string[];
  /** Fields that upstream has and a spec has no place for, with what to do instead; nothing is accepted as nothing. */
  refused: Readonly<Record<string, string>>;
}

/** The fields of a spec in upstream's JSON. */
export function viewOf<S>({ fields }: ConfigShape<S>, spec: S): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.name, field.view(spec)]));
}

/**
 * A spec with what upstream's JSON says. A field that says what the spec says already leaves it untouched, so that nothing is lost that the
 * JSON has no words for; a field that is left out goes back to its default.
 *
 * @returns the spec, or everything that is wrong
 */
export function withConfig<S>(
  shape: ConfigShape<S>,
  spec: S,
  config: unknown,
  path: string,
): { spec: S; problems: ConfigProblem[] } {
  if (!isJson(config)) return { spec, problems: [new ConfigProblem(path, 'must be an object')] };
  const problems = strangers(shape, config, path);
  let result = spec;
  for (const field of shape.fields) {
    const value = own(config, field.name);
    if (value !== undefined && jsonEqual(value, field.view(result))) continue;
    try {
      result = field.apply(result, value ?? undefined, `${path}.${field.name}`);
    } catch (error) {
      if (!(error instanceof ConfigProblem)) throw error;
      problems.push(error);
    }
  }
  return { spec: result, problems };
}

function strangers<S>({ fields, derived, refused }: ConfigShape<S>, config: Json, path: string): ConfigProblem[] {
  const known = new Set([...fields.map(({ name }) => name), ...derived]);
  return Object.entries(config).flatMap(([name, value]) => {
    if (known.has(name)) return [];
    const instead = Object.hasOwn(refused, name) ? refused[name] : undefined;
    if (instead === undefined) {
      return [
        new ConfigProblem(`${path}.${name.slice(0, 64)}`, `is no known field; there are ${[...known].join(', ')}`),
      ];
    }
    return saysNothing(value) ? [] : [new ConfigProblem(`${path}.${name}`, instead)];
  });
}

function saysNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value of its own: what a prototype has is none. */
export function own(object: Json, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
