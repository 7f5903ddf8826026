import type { JsonSchema } from '../../http/operation.ts';

/** A parameter as the OpenAPI document has it. */
export interface DescribedParameter {
  name: string;
  in: 'path' | 'query';
  schema: JsonSchema;
}

/** An operation as the OpenAPI document has it: what is validated is what is written there. */
export interface Described {
  id: string;
  method: string;
  path: string;
  parameters: readonly DescribedParameter[];
  body: JsonSchema | undefined;
  /** Whether its answer has no end of its own. */
  endless: boolean;
}

interface OpenApiOperation {
  operationId: string;
  parameters?: DescribedParameter[];
  requestBody?: { content: Record<string, { schema?: JsonSchema }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

/** The operations of an OpenAPI document of ours. */
export function describedOperations(document: unknown): Described[] {
  const { paths } = document as { paths: Record<string, Record<string, OpenApiOperation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId: id, parameters = [], requestBody, responses }]) => ({
      id,
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody === undefined ? undefined : (Object.values(requestBody.content)[0]?.schema ?? {}),
      endless: Object.keys(responses['200']?.content ?? {}).includes('text/event-stream'),
    })),
  );
}
