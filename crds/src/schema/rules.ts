import type * as z from 'zod';

/** One entry of x-kubernetes-validations, together with the same rule for validators that run without an apiserver. */
export interface Rule<T> {
  /** CEL expression; `self` is the value that carries the rule. No `oldSelf`: see generate/policy.ts. */
  readonly rule: string;
  /** What is allowed, as the end of a sentence that begins with the field's path. */
  readonly message: string;
  /** CEL expression that builds a message with the value in it; the apiserver prefers it to `message`. */
  readonly messageExpression?: string;
  /** Path below the value, `.a.b`, that the error is reported at. */
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  /** The same rule on the parsed value. */
  readonly holds: (value: T) => boolean;
}

type Metadata = Record<string, unknown>;

/** Checks that an apiserver makes too, each with the keyword of the CRD by which it does. */
const keywordOfCheck = Symbol('keyword of the CRD that says the same as this check');

type Check<T> = (payload: z.core.ParsePayload<T>) => void;

/** The keyword under which the apiserver makes a check, if it came from `alsoChecked`. */
export function keywordOf(check: { _zod: { check: object } }): string | undefined {
  return (check._zod.check as { [keywordOfCheck]?: string })[keywordOfCheck];
}

/**
 * `schema` with one keyword of the CRD, and a check in TypeScript that says the same. The generator refuses any other
 * check of one's own, since it would be lost in the CRD.
 */
export function alsoChecked<S extends z.ZodType>(
  schema: S,
  [keyword, value]: readonly [keyword: string, value: unknown],
  check: Check<z.output<S>>,
): S {
  const tagged: Check<z.output<S>> = (payload) => check(payload);
  return schema
    .meta({ ...metadataOf(schema), [keyword]: value })
    .check(Object.assign(tagged, { [keywordOfCheck]: keyword }) as never);
}

/** What `.meta()` said so far, for additions to it. */
export function metadataOf(schema: z.ZodType): Metadata {
  return schema.meta() ?? {};
}

/** `schema` with CEL rules: written to the CRD, and checked by the validators as `holds`. */
export function withRules<S extends z.ZodType>(schema: S, rules: readonly Rule<z.output<S>>[]): S {
  const former = (metadataOf(schema)['x-kubernetes-validations'] as object[] | undefined) ?? [];
  const all = [...former, ...rules.map(({ holds: _, ...forServer }) => forServer)];
  return alsoChecked(schema, ['x-kubernetes-validations', all], (context) => {
    for (const { holds, message, fieldPath } of rules) {
      if (holds(context.value)) continue;
      const path = fieldPath === undefined ? [] : fieldPath.split('.').slice(1);
      context.issues.push({ code: 'custom', message, path, input: valueAt(context.value, path) });
    }
  });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Metadata | undefined)?.[key], value);
}

/**
 * An object schema of which exactly one of the optional fields is set. It is said by the number of fields, not by CEL, so
 * that it costs nothing however many of these objects a Workflow holds, and not by `oneOf`, about which an apiserver only
 * says that it doesn't hold.
 */
export function exactlyOneOptional<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
): typeof schema {
  const optional = Object.keys(schema.shape).filter((key) => schema.shape[key]?._zod.optin === 'optional');
  const size = Object.keys(schema.shape).length - optional.length + 1;
  const allowed = optional.map((key) => `'${key}'`).join(', ');
  const least = schema.meta({ ...metadataOf(schema), minProperties: size });
  return alsoChecked(least, ['maxProperties', size], (context) => {
    const set = optional.filter((key) => (context.value as Metadata)[key] !== undefined);
    if (set.length === 1) return;
    const found = set.length === 0 ? 'none is set' : `${set.map((key) => `'${key}'`).join(' and ')} are set`;
    context.issues.push({
      code: 'custom',
      message: `exactly one of ${allowed} must be set; ${found}`,
      input: context.value,
    });
  });
}
