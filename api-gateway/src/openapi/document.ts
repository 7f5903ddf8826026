import type { JsonSchema, Operation, Parameter } from '../http/operation.ts';
import { version } from '../version.ts';

/** The OpenAPI 3.1 document about operations: what is validated is what is written there. */
export function openApiDocument(operations: readonly Operation[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = operationObject(operation);
  return {
    openapi: '3.1.0',
    info: {
      title: 'OSMO on Kubernetes',
      version,
      description: 'REST API of the gateway. Every request is decided by Kubernetes RBAC, in the name of the caller.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of this Kubernetes cluster.' },
      },
      schemas: { Error: errorSchema },
      responses: {
        Error: { description: 'What is wrong, and what to do.', content: json({ $ref: '#/components/schemas/Error' }) },
      },
    },
  };
}

const errorSchema: JsonSchema = {
  type: 'object',
  properties: {
    message: { type: 'string' },
    error_code: { type: 'string' },
    workflow_id: { type: ['string', 'null'] },
  },
  required: ['message', 'error_code', 'workflow_id'],
};

const json = (schema: JsonSchema): Record<string, unknown> => ({ 'application/json': { schema } });

const contentOf = ({ schema, form }: NonNullable<Operation['body']>): Record<string, unknown> =>
  form === undefined ? json(schema) : { 'application/x-www-form-urlencoded': { schema } };

function operationObject(operation: Operation): Record<string, unknown> {
  const { id, action, tag, summary, description, parameters = {}, path, body, answer, open } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(parameters).map(([name, parameter]) => ({
    name,
    in: 'query',
    description: parameter.description,
    schema: parameterSchema(parameter),
    ...(parameter.type === 'texts' && { style: 'form', explode: true }),
  }));
  return {
    operationId: id,
    'x-osmo-action': action,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(inPath.length + inQuery.length > 0 && { parameters: [...inPath, ...inQuery] }),
    ...(body !== undefined && { requestBody: { required: body.required ?? true, content: contentOf(body) } }),
    responses: {
      200: {
        description: answer.description,
        content:
          answer.type === undefined ? json(answer.schema ?? {}) : { [answer.type]: { schema: { type: 'string' } } },
      },
      default: { $ref: '#/components/responses/Error' },
    },
    ...(open === true ? {} : { security: [{ bearer: [] }] }),
  };
}

function parameterSchema({ type, enum: allowed, minimum, maximum, maxLength }: Parameter): JsonSchema {
  const text = {
    type: 'string',
    ...(allowed !== undefined && { enum: allowed }),
    ...(maxLength !== undefined && { maxLength }),
  };
  switch (type) {
    case 'texts':
      return { type: 'array', items: text };
    case 'integer':
      return { type, ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
    case 'boolean':
      return { type };
    case 'time':
      return { type: 'string', format: 'date-time' };
    case 'text':
      return text;
  }
}
