import * as z from 'zod';
import { keywordOf } from '../schema/rules.ts';

/** A node of a structural schema as a CRD holds it. */
export interface StructuralSchema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  description?: string;
  default?: unknown;
  enum?: string[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  properties?: Record<string, StructuralSchema>;
  required?: string[];
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  /** Only in an int-or-string, in the one form that Kubernetes knows. */
  anyOf?: [{ type: 'integer' }, { type: 'string' }];
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: CelRule[];
}

export interface CelRule {
  rule: string;
  message: string;
  messageExpression?: string;
  fieldPath?: string;
  reason?: string;
}

/** Thrown when a zod schema says something that a CRD can't; `path` is where. */
export class UnsupportedSchemaError extends Error {
  readonly path: string;
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = 'UnsupportedSchemaError';
    this.path = path;
  }
}

type Json = Record<string, unknown>;

/**
 * Turns a zod schema into a structural schema. Nothing is ever dropped: whatever has no exact counterpart in a CRD, has
 * no bound or has no doc is an UnsupportedSchemaError with its path, which starts with `root`.
 */
export function structuralSchema(schema: z.ZodType, root: string): StructuralSchema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    cycles: 'throw',
    // Types without a counterpart come through as {}; refuseZod names them together with their path.
    unrepresentable: 'any',
    override: ({ zodSchema, path }) => refuseZod(zodSchema, zodPath(root, path)),
  }) as Json;
  return convert(json, root, root.split('.').at(-1));
}

/** `['properties', 'a', 'items']` → `.a[]`. */
function zodPath(root: string, path: readonly (string | number)[]): string {
  let text = root;
  for (let index = 0; index < path.length; index += 1) {
    if (path[index] === 'properties') text += `.${String(path[(index += 1)])}`;
    else if (path[index] === 'items') text += '[]';
    else if (path[index] === 'additionalProperties') text += '.*';
    else text += `.${String(path[index])}`;
  }
  return text;
}

const zodTypes = new Set([
  ...['string', 'number', 'int', 'boolean', 'enum', 'object', 'array', 'record', 'union', 'unknown'],
  ...['optional', 'default', 'prefault'],
]);
const zodChecks = new Set(['max_length', 'min_length', 'string_format', 'greater_than', 'less_than', 'number_format']);

/** Refuses what zod checks or does without a trace in JSON Schema. */
function refuseZod(schema: z.core.$ZodType, path: string): void {
  const def = schema._zod.def as unknown as Json & { type: string; checks?: z.core.$ZodCheck[] };
  if (!zodTypes.has(def.type))
    throw new UnsupportedSchemaError(path, `zod type '${def.type}' has no counterpart in a CRD`);
  if (def['coerce'] === true) throw new UnsupportedSchemaError(path, "coercion: the apiserver doesn't convert values");
  for (const check of def.checks ?? []) refuseCheck(check, schema, path);
  if (def.type === 'record') refuseKeyType(def['keyType'] as z.ZodType, path);
}

function refuseCheck(check: z.core.$ZodCheck, schema: z.core.$ZodType, path: string): void {
  const { check: kind, pattern } = check._zod.def as { check: string; pattern?: RegExp };
  if (kind === 'custom') {
    const keyword = keywordOf(check);
    if (keyword === undefined)
      throw new UnsupportedSchemaError(path, "a check of one's own; give it to withRules as CEL too");
    if (z.globalRegistry.get(schema)?.[keyword] === undefined) {
      throw new UnsupportedSchemaError(path, `a check that stands for ${keyword}, which is missing`);
    }
  } else if (!zodChecks.has(kind)) {
    throw new UnsupportedSchemaError(path, `zod check '${kind}' has no counterpart in a CRD`);
  }
  if (pattern !== undefined && pattern.flags !== '') {
    throw new UnsupportedSchemaError(path, `flags '${pattern.flags}' of a pattern would be lost`);
  }
  if (pattern !== undefined && /\(\?[=!<]|\\[1-9]/.test(pattern.source)) {
    throw new UnsupportedSchemaError(
      path,
      `look-around or back-reference in the pattern ${pattern.source}: RE2 has none`,
    );
  }
}

function refuseKeyType(keys: z.ZodType, path: string): void {
  const { type, checks } = keys._zod.def as unknown as { type: string; checks?: unknown[] };
  if (type === 'string' && (checks ?? []).length === 0) return;
  throw new UnsupportedSchemaError(path, 'limits on the keys of a map; say them with CEL');
}

/** Keywords that are taken over as they are, in the order that they are written in. */
const plainKeywords = [
  ...['type', 'description', 'default', 'enum', 'format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties', 'required', 'x-kubernetes-int-or-string'],
  ...['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
  'x-kubernetes-validations',
] as const;
const nestedKeywords = ['properties', 'items', 'additionalProperties', 'anyOf'] as const;
const known = new Set<string>([...plainKeywords, ...nestedKeywords]);

function convert(json: Json, path: string, name: string | undefined): StructuralSchema {
  for (const keyword of Object.keys(json)) {
    if (!known.has(keyword)) throw new UnsupportedSchemaError(path, `keyword '${keyword}' has no counterpart in a CRD`);
  }
  checkDoc(json, path, name);
  checkUnion(json, path);
  checkRules(json, path);
  const plain = Object.fromEntries(
    plainKeywords.filter((key) => json[key] !== undefined).map((key) => [key, json[key]]),
  );
  const schema: StructuralSchema = { ...plain, ...nested(json, path) };
  checkBounds(schema, path);
  return schema;
}

function nested(json: Json, path: string): Partial<StructuralSchema> {
  if (json['x-kubernetes-int-or-string'] === true) return intOrString(json, path);
  switch (json['type']) {
    case 'object':
      return nestedInObject(json, path);
    case 'array':
      return { items: convert(json['items'] as Json, `${path}[]`, undefined) };
    case 'string':
    case 'integer':
    case 'boolean':
      return {};
    default:
      throw new UnsupportedSchemaError(
        path,
        `type '${typeof json['type'] === 'string' ? json['type'] : 'any'}' has no counterpart in a CRD`,
      );
  }
}

function nestedInObject(json: Json, path: string): Partial<StructuralSchema> {
  const { properties, additionalProperties } = json as {
    properties?: Record<string, Json>;
    additionalProperties?: Json | false;
  };
  if (properties !== undefined && Object.keys(properties).length > 0) {
    // Both say that no other field is known: the validators by refusing it, the apiserver by pruning or strict checking.
    if (additionalProperties !== false) throw new UnsupportedSchemaError(path, 'an open object; use object()');
    return {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, property]) => [key, convert(property, `${path}.${key}`, key)]),
      ),
    };
  }
  if (json['x-kubernetes-preserve-unknown-fields'] === true) return {};
  if (additionalProperties === undefined || additionalProperties === false) {
    throw new UnsupportedSchemaError(path, 'an object without fields');
  }
  return { additionalProperties: convert(additionalProperties, `${path}.*`, undefined) };
}

/** The one place where a CRD has types in anyOf; bounds of both branches move up, where each holds for its own type. */
function intOrString(json: Json, path: string): Partial<StructuralSchema> {
  const [integer, string, ...others] = (json['anyOf'] ?? []) as Json[];
  if (integer?.['type'] !== 'integer' || string?.['type'] !== 'string' || others.length > 0) {
    throw new UnsupportedSchemaError(path, 'int-or-string must be a union of an integer and a string');
  }
  const { type: _integer, minimum, maximum, ...otherOfInteger } = integer;
  const { type: _string, maxLength, pattern, ...otherOfString } = string;
  const other = [...Object.keys(otherOfInteger), ...Object.keys(otherOfString)];
  if (other.length > 0) throw new UnsupportedSchemaError(path, `'${other.join("', '")}' in a branch of int-or-string`);
  return {
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    ...({ minimum, maximum, maxLength, pattern } as Partial<StructuralSchema>),
  };
}

function checkUnion(json: Json, path: string): void {
  if (json['anyOf'] !== undefined && json['x-kubernetes-int-or-string'] !== true) {
    throw new UnsupportedSchemaError(path, 'a union; a CRD has types only outside of anyOf, use exactlyOneOptional()');
  }
}

function checkRules(json: Json, path: string): void {
  for (const { rule, message } of (json['x-kubernetes-validations'] ?? []) as CelRule[]) {
    if (/\boldSelf\b/.test(rule)) {
      throw new UnsupportedSchemaError(
        path,
        `the transition rule ${rule}; say which fields are mutable in the definition`,
      );
    }
    if (/[\r\n]/.test(message)) throw new UnsupportedSchemaError(path, `message of the rule ${rule} has a line break`);
  }
}

function checkDoc(json: Json, path: string, name: string | undefined): void {
  const doc = json['description'];
  if (typeof doc !== 'string' || doc === '') throw new UnsupportedSchemaError(path, 'has no description');
  if (name !== undefined && !(doc.startsWith(name) && /^[ .,:]/.test(doc.slice(name.length)))) {
    throw new UnsupportedSchemaError(path, `its description must start with '${name} ', is '${doc}'`);
  }
}

function checkBounds(schema: StructuralSchema, path: string): void {
  const need = (keyword: keyof StructuralSchema): void => {
    if (schema[keyword] === undefined) throw new UnsupportedSchemaError(path, `has no ${keyword}`);
  };
  if (schema.type === 'array') {
    need('maxItems');
    need('x-kubernetes-list-type');
  }
  if (schema.type === 'integer' || schema['x-kubernetes-int-or-string'] === true) {
    need('minimum');
    need('maximum');
  }
  const bounded = schema.enum !== undefined || schema.format === 'date-time';
  if ((schema.type === 'string' && !bounded) || schema['x-kubernetes-int-or-string'] === true) need('maxLength');
  if (schema.type === 'object' && schema.properties === undefined) need('maxProperties');
}
