import { kinds } from '@osmo/crds';
import fc from 'fast-check';

/** As much of a zod schema as is needed to make values of it. */
interface Schema {
  readonly def: Definition;
  safeParse(value: unknown): { success: boolean; data?: unknown };
}
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly element?: Schema;
  readonly innerType?: Schema;
  readonly options?: readonly Schema[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly valueType?: Schema;
}

/** Texts that mean something somewhere, so that references meet what they refer to, or miss it by a letter. */
const words = [
  ...['a', 'b', 'c', 'A', 'a-0', 'a-1', 'a-group', 'lead', 'laed', 'osmo-ctrl', 'default', 'n'.repeat(64), 'team-x'],
  ...['busybox', 'Ubuntu', 'a//b', 'x@sha256:00', '', 'héllo', '\u0000', '\ud800', '__proto__', 'constructor'],
  ...['{{host:a}}', '{{input:0}}', '{{input:b}} {{output}}', '{{index}}', '{{matrix.x}}', '{{', '}}'],
  ...['/', '/a', '/a/', '/a/b', '/data/../etc', '/osmo/data/output/x', '/osmo/data/input', '/dev/shm'],
  ...[
    's3://bucket/path',
    '1',
    '0.5',
    '500m',
    '64Gi',
    '1Ti',
    '90%',
    '0',
    '5000',
    '10-5',
    '0,10-20',
    '2026-01-31T12:00:00Z',
  ],
  ...['USER_CPU', '{{K8_GPU}}', 'K8_MEMORY', 'USER_NONE', 'https://example.com'],
];
const numbers = [0, 1, 2, 3, 7, 64, 1000, 9999, 10_000, 999_999, -1];

/** Values that a schema of ours takes, as it returns them: with defaults filled in. */
export function anyOf(kind: string): fc.Arbitrary<unknown> {
  const schema = kinds.find(({ type }) => type.kind === kind)?.spec as unknown as Schema | undefined;
  if (schema === undefined) throw new Error(`no kind ${kind}`);
  return valueOf(schema).map((value) => schema.safeParse(value).data);
}

/** Rules over several fields are kept level by level: at the root hardly any value would be right in all of them. */
function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  const { def } = schema;
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
      return fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: valueOf(def.innerType as Schema) },
      );
    case 'object':
      return fc
        .record(Object.fromEntries(Object.entries(def.shape ?? {}).map(([key, field]) => [key, valueOf(field)])))
        .map((value) => Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)))
        .filter((value) => schema.safeParse(value).success);
    case 'array':
      return fc
        .array(valueOf(def.element as Schema), { maxLength: 3 })
        .filter((value) => schema.safeParse(value).success);
    case 'record':
      return fc.dictionary(fc.constantFrom('a', 'team', 'example.com/x'), valueOf(def.valueType as Schema), {
        maxKeys: 2,
      });
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case 'boolean':
      return fc.boolean();
    case 'union':
      return fc.oneof(...(def.options ?? []).map(valueOf));
    case 'unknown':
      return fc.jsonValue({ maxDepth: 2 });
    default:
      return fitting(schema, def.type === 'string' ? words : numbers);
  }
}

/** Those values that the schema takes; nothing else is tried, since hardly any random text is a name or a quantity. */
function fitting(schema: Schema, values: readonly unknown[]): fc.Arbitrary<unknown> {
  const right = values.filter((value) => schema.safeParse(value).success);
  if (right.length === 0) throw new Error(`no value for ${JSON.stringify(schema.def)}`);
  return fc.constantFrom(...right);
}
