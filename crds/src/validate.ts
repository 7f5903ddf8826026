import * as z from 'zod';
import { appDefinition } from './app.ts';
import { backendDefinition } from './backend.ts';
import { Api } from './constants.ts';
import type { KindDefinition } from './definition.ts';
import { platformDefinition } from './platform.ts';
import { poolDefinition } from './pool.ts';
import { taskDefinition } from './task.ts';
import { workflowDefinition } from './workflow.ts';

/** One thing that is wrong with an object. */
export interface Problem {
  /** Where, as in `spec.tasks[0].name`. */
  readonly path: string;
  /** What is allowed there, as the end of a sentence that begins with the path. */
  readonly message: string;
  /** What was found, if it is a single value; long strings are cut. */
  readonly value?: string | number | boolean | null;
}

/** Longest string that a Problem repeats. */
const longestValue = 64;

export const validateWorkflow = (value: unknown): Problem[] => problemsOf(workflowDefinition, value);
export const validateTask = (value: unknown): Problem[] => problemsOf(taskDefinition, value);
export const validatePool = (value: unknown): Problem[] => problemsOf(poolDefinition, value);
export const validatePlatform = (value: unknown): Problem[] => problemsOf(platformDefinition, value);
export const validateApp = (value: unknown): Problem[] => problemsOf(appDefinition, value);
export const validateBackend = (value: unknown): Problem[] => problemsOf(backendDefinition, value);

/**
 * All that an apiserver would refuse about an object of the kind, and unknown fields besides; [] when there is nothing.
 * Rules over several fields are checked once their fields are right. `value` may be anything and isn't changed.
 */
export function problemsOf(kind: KindDefinition, value: unknown): Problem[] {
  const schema = z.strictObject({
    apiVersion: z.literal(Api.apiVersion),
    kind: z.literal(kind.type.kind),
    metadata: z.looseObject({ name: kind.name ?? z.string().min(1).max(253) }),
    spec: kind.spec,
    status: kind.status.optional(),
  });
  const parsed = schema.safeParse(value, { reportInput: true });
  if (!parsed.success) return parsed.error.issues.flatMap((issue) => problemOf(issue, schema));
  const { metadata, spec } = parsed.data;
  const { nameRule } = kind;
  if (nameRule === undefined || nameRule.holds(metadata.name, spec)) return [];
  return [{ path: 'metadata.name', message: nameRule.message, ...shown(metadata.name) }];
}

/** A problem on one line: path, value, what is allowed. */
export function describeProblem({ path, message, value }: Problem): string {
  return value === undefined ? `${path}: ${message}` : `${path}: ${JSON.stringify(value)}: ${message}`;
}

function problemOf(issue: z.core.$ZodIssue, schema: z.ZodType): Problem[] {
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const allowed = fieldsAt(schema, issue.path).join(', ');
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: `is no known field; allowed are ${allowed}`,
    }));
  }
  return [{ path: path === '' ? 'object' : path, message: messageOf(issue), ...shown(issue.input) }];
}

/** `spec.tasks[0].name`; keys that aren't plain words are quoted, `spec.labels["a b"]`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(String(key))) return `${text}[${JSON.stringify(String(key))}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function shown(value: unknown): Pick<Problem, 'value'> {
  if (typeof value === 'string') {
    return { value: value.length > longestValue ? `${value.slice(0, longestValue - 1)}…` : value };
  }
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? { value } : {};
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big') return `must ${limit(issue.origin, 'at most', Number(issue.maximum))}`;
  if (issue.code === 'too_small') return `must ${limit(issue.origin, 'at least', Number(issue.minimum))}`;
  if (issue.code === 'custom' || issue.input !== undefined) return wrongMessage(issue);
  return 'must be set';
}

function wrongMessage(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be ${typeWords[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `must be ${listed(issue.values)}`;
  return issue.message;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a string',
  int: 'an integer',
  number: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

function listed(values: readonly unknown[]): string {
  const words = values.map((value) => `'${String(value)}'`);
  return words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`;
}

function limit(origin: string, bound: string, size: number): string {
  if (origin === 'string') return `have ${bound} ${size} ${size === 1 ? 'character' : 'characters'}`;
  if (origin === 'array') return `have ${bound} ${size} ${size === 1 ? 'item' : 'items'}`;
  return `be ${bound} ${size}`;
}

/** The fields of the object schema that `path` leads to. */
function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const at = path.reduce<z.ZodType | undefined>((inner, key) => below(unwrapped(inner), key), schema);
  const object = unwrapped(at);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function below(schema: z.ZodType | undefined, key: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  if (schema instanceof z.ZodObject) return schema.shape[String(key)] as z.ZodType | undefined;
  return undefined;
}

/** What optional and defaulted schemas are around. */
function unwrapped(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrapped(schema.unwrap() as z.ZodType);
  }
  return schema;
}
