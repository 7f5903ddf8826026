import { Api } from '../constants.ts';
import type { KindDefinition } from '../definition.ts';
import { schemaOf } from './crd.ts';
import type { StructuralSchema } from './structural.ts';

type JsonSchema = Record<string, unknown>;

/**
 * The kind as a JSON Schema (2020-12) for editors and for validators such as ajv: the CRD's schema, where unknown fields
 * are refused. CEL rules are not in it; the validators of this package check those too.
 */
export function jsonSchemaOf(kind: KindDefinition): JsonSchema {
  const whole = schemaOf(kind);
  const { properties, ...head } = toJsonSchema(whole) as { properties: Record<string, JsonSchema> };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://${Api.group}/schemas/${Api.version}/${kind.type.kind.toLowerCase()}.json`,
    title: kind.type.kind,
    ...head,
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      ...properties,
      apiVersion: { ...properties['apiVersion'], const: Api.apiVersion },
      kind: { ...properties['kind'], const: kind.type.kind },
      // The rest of metadata is Kubernetes' own.
      metadata: { ...properties['metadata'], additionalProperties: true },
    },
  };
}

/** Keywords that only an apiserver knows; lists become plain arrays. */
const apiserverOnly = new Set([
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
  'anyOf',
]);

function toJsonSchema(schema: StructuralSchema): JsonSchema {
  const plain = Object.fromEntries(Object.entries(schema).filter(([key]) => !apiserverOnly.has(key)));
  return {
    ...(schema['x-kubernetes-int-or-string'] === true ? { type: ['integer', 'string'] } : {}),
    ...plain,
    ...(schema['x-kubernetes-list-type'] === 'set' ? { uniqueItems: true } : {}),
    ...(schema.items === undefined ? {} : { items: toJsonSchema(schema.items) }),
    ...(schema.additionalProperties === undefined
      ? {}
      : { additionalProperties: toJsonSchema(schema.additionalProperties) }),
    ...(schema.properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(schema.properties).map(([name, property]) => [name, toJsonSchema(property)]),
          ),
          additionalProperties: false,
        }),
  };
}
