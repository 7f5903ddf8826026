import type * as z from 'zod';
import { Api } from '../constants.ts';
import type { KindDefinition } from '../definition.ts';
import { type StructuralSchema, structuralSchema } from './structural.ts';

/** An apiextensions.k8s.io/v1 CustomResourceDefinition, as far as we write one. */
export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1';
  kind: 'CustomResourceDefinition';
  metadata: { name: string };
  spec: {
    group: string;
    names: {
      kind: string;
      listKind: string;
      plural: string;
      singular: string;
      shortNames?: string[];
      categories: string[];
    };
    scope: 'Namespaced' | 'Cluster';
    versions: {
      name: string;
      served: true;
      storage: true;
      schema: { openAPIV3Schema: StructuralSchema };
      subresources: { status: Record<string, never> };
      additionalPrinterColumns: {
        name: string;
        type: string;
        jsonPath: string;
        description: string;
        priority?: number;
      }[];
    }[];
  };
}

/** The schema of whole objects of a kind: `spec`, `status` and what Kubernetes adds. */
export function schemaOf(kind: KindDefinition): StructuralSchema {
  return {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: `apiVersion is ${Api.apiVersion}.` },
      kind: { type: 'string', description: `kind is ${kind.type.kind}.` },
      metadata: metadataSchema(kind.name),
      spec: structuralSchema(kind.spec, 'spec'),
      status: structuralSchema(kind.status, 'status'),
    },
    ...(kind.nameRule !== undefined && {
      'x-kubernetes-validations': [
        { rule: kind.nameRule.rule, message: kind.nameRule.message, fieldPath: '.metadata.name' },
      ],
    }),
  };
}

/** Metadata belongs to Kubernetes; a CRD may only limit the name further. */
function metadataSchema(name: z.ZodString | undefined): StructuralSchema {
  if (name === undefined) return { type: 'object' };
  return { type: 'object', properties: { name: structuralSchema(name, 'name') } };
}

/** The CustomResourceDefinition of a kind. */
export function crdOf(kind: KindDefinition): CustomResourceDefinition {
  const { type } = kind;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${type.plural}.${type.group}` },
    spec: {
      group: type.group,
      names: {
        kind: type.kind,
        listKind: `${type.kind}List`,
        plural: type.plural,
        singular: kind.singular,
        ...(kind.shortNames.length > 0 ? { shortNames: [...kind.shortNames] } : {}),
        categories: [Api.category],
      },
      scope: type.namespaced ? 'Namespaced' : 'Cluster',
      versions: [
        {
          name: type.version,
          served: true,
          storage: true,
          additionalPrinterColumns: kind.columns.map((column) => ({ ...column })),
          schema: { openAPIV3Schema: schemaOf(kind) },
          subresources: { status: {} },
        },
      ],
    },
  };
}
