import type * as z from 'zod';

/** One entry of x-kubernetes-validations, together with the same rule for validators that run without an apiserver. */
export interface Rule<T> {
  /** CEL expression; `self` is the value that carries the rule, `oldSelf` its former value. */
  readonly rule: string;
  /** What is allowed, as the end of a sentence that begins with the field's path. */
  readonly message: string;
  /** CEL expression that builds a message with the value in it; the apiserver prefers it to `message`. */
  readonly messageExpression?: string;
  /** Path below the value, `.a.b`, that the error is reported at. */
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  /** The same rule on the parsed value. Absent exactly on transition rules, which need the former value. */
  readonly holds?: (value: T) => boolean;
}

type Metadata = Record<string, unknown>;

/** What `.meta()` said so far, for additions to it. */
export function metadataOf(schema: z.ZodType): Metadata {
  return (schema.meta() ?? {}) as Metadata;
}

/** `schema` with CEL rules: they are written to the CRD, and those that have `holds` are checked by the validators. */
export function withRules<S extends z.ZodType>(schema: S, rules: readonly Rule<z.output<S>>[]): S {
  const checked = schema.check((context) => {
    for (const { holds, message, fieldPath } of rules) {
      if (holds === undefined || holds(context.value)) continue;
      const path = fieldPath === undefined ? [] : fieldPath.split('.').slice(1);
      context.issues.push({ code: 'custom', message, path, input: valueAt(context.value, path) });
    }
  });
  const former = (metadataOf(schema)['x-kubernetes-validations'] as object[] | undefined) ?? [];
  return checked.meta({
    ...metadataOf(schema),
    'x-kubernetes-validations': [...former, ...rules.map(({ holds: _, ...forServer }) => forServer)],
  });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Metadata | undefined)?.[key], value);
}

/**
 * `schema` of which exactly one of `keys` is set. It is a structural `oneOf`, not CEL, so that it costs nothing however
 * many of these objects a Workflow holds.
 */
export function exactlyOneOf<S extends z.ZodType<object>>(schema: S, keys: readonly (keyof z.output<S> & string)[]): S {
  const allowed = keys.map((key) => `'${key}'`).join(', ');
  const checked = schema.check((context) => {
    const set = keys.filter((key) => (context.value as Metadata)[key] !== undefined);
    if (set.length === 1) return;
    const found = set.length === 0 ? 'none is set' : `${set.map((key) => `'${key}'`).join(' and ')} are set`;
    context.issues.push({
      code: 'custom',
      message: `exactly one of ${allowed} is allowed; ${found}`,
      input: context.value,
    });
  });
  return checked.meta({ ...metadataOf(schema), oneOf: keys.map((key) => ({ required: [key] })) });
}

/** A rule that the value never changes once it is set. */
export function immutable(what: string): Rule<unknown> {
  return { rule: 'self == oldSelf', message: `${what} can't be changed after creation`, reason: 'FieldValueForbidden' };
}
