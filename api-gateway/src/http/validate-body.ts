import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { RequestError } from './errors.ts';
import type { JsonSchema } from './operation.ts';

/** What is told of what is wrong, at most. */
const mostProblems = 10;

/**
 * Compiles the check of an operation's body.
 *
 * @returns a function that throws a RequestError 400 naming every field that is wrong, its value and what is allowed
 */
export function bodyValidator({
  schema,
  required = true,
  form,
}: {
  schema: JsonSchema;
  required?: boolean;
  form?: object;
}): (body: unknown) => void {
  const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true });
  const check = ajv.compile(schema);
  return (body) => {
    if (body === undefined) {
      if (required)
        throw new RequestError(400, 'SCHEMA', `the request needs a body of ${form === undefined ? 'JSON' : 'a form'}`);
      return;
    }
    if (check(body)) return;
    const problems = (check.errors ?? []).slice(0, mostProblems).map(problemText);
    throw new RequestError(400, 'SCHEMA', [...new Set(problems)].join('\n'));
  };
}

function problemText({ instancePath, message, params, data, keyword }: ErrorObject): string {
  const path = `body${instancePath.replaceAll('/', '.')}`;
  const unknown = (params as { additionalProperty?: string }).additionalProperty;
  if (keyword === 'additionalProperties') return `${path}: ${JSON.stringify(unknown)} is no known field`;
  const allowed = (params as { allowedValues?: readonly unknown[] }).allowedValues;
  const rule = allowed === undefined ? (message ?? keyword) : `must be one of ${allowed.join(', ')}`;
  // Not texts: they are files, or a secret in the wrong place.
  const shown = typeof data === 'number' || typeof data === 'boolean' ? `${data}: ` : '';
  return `${path}: ${shown}${rule}`;
}
