import { randomUUID } from 'node:crypto';
import { isAlreadyExists } from '../client/errors.ts';
import { CustomResourceDefinition } from '../client/kinds/cluster.ts';
import type { Condition } from '../client/kinds/meta.ts';
import { Namespace } from '../client/kinds/core.ts';
import { resourceType } from '../client/resource.ts';
import type { KubeClient, KubeObject } from '../client/types.ts';
import { startFakeApiserver } from '../testing/fake-apiserver.ts';
import { connectToTestCluster } from '../testing/real-cluster.ts';
import { until } from '../testing/until.ts';

/** A custom resource with everything that the contract is about: status, scale, keyed, set and atomic lists. */
export interface Widget extends KubeObject {
  spec?: {
    replicas?: number;
    color?: string;
    size?: string;
    parts?: { name: string; count?: number; note?: string }[];
    tags?: string[];
    steps?: string[];
    options?: Record<string, string>;
  };
  status?: { replicas?: number; phase?: string; conditions?: Condition[] };
}

export const Widget = resourceType<Widget>({
  group: 'contract.example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
});

const text = { type: 'string' };
const integer = { type: 'integer' };

export const widgetCrd: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.contract.example.com' },
  spec: {
    group: 'contract.example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        selectableFields: [{ jsonPath: '.spec.color' }],
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  replicas: integer,
                  color: text,
                  size: text,
                  parts: {
                    type: 'array',
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: text, count: integer, note: text },
                    },
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                  },
                  tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
                  steps: { type: 'array', items: text, 'x-kubernetes-list-type': 'atomic' },
                  options: { type: 'object', additionalProperties: text },
                },
              },
              status: {
                type: 'object',
                properties: {
                  replicas: integer,
                  phase: text,
                  conditions: {
                    type: 'array',
                    items: {
                      type: 'object',
                      required: ['type', 'status'],
                      properties: {
                        type: text,
                        status: text,
                        reason: text,
                        message: text,
                        lastTransitionTime: text,
                        observedGeneration: integer,
                      },
                    },
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['type'],
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** An apiserver under test, with a fresh namespace for the suite. */
export interface ServerUnderTest {
  client: KubeClient;
  namespace: string;
  stop(): Promise<void>;
}

/** The servers that the contract holds for, to be given to `describe.each`. */
export const servers: readonly [string, () => Promise<ServerUnderTest>][] = [
  ['the fake apiserver', startFake],
  ['a real apiserver', startReal],
];

async function startFake(): Promise<ServerUnderTest> {
  const namespace = 'contract';
  const fake = await startFakeApiserver({ kinds: [widgetCrd], namespaces: [namespace] });
  return { client: fake.client(), namespace, stop: () => fake.close() };
}

async function startReal(): Promise<ServerUnderTest> {
  const client = await connectToTestCluster();
  await client.create(CustomResourceDefinition, widgetCrd).catch(unlessExists);
  const namespace = `contract-${randomUUID().slice(0, 8)}`;
  await client.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await eventually(async () => {
    await client.list(Widget, { namespace });
    return true;
  });
  return {
    client,
    namespace,
    async stop() {
      await client.delete(Namespace, { name: namespace });
      await client.close();
    },
  };
}

function unlessExists(error: unknown): void {
  if (!isAlreadyExists(error)) throw error;
}

/** Polls until `check` is truthy; an error counts as not yet. */
export async function eventually<V>(check: () => V | Promise<V>, what = 'the condition'): Promise<NonNullable<V>> {
  try {
    return (await until(check, Boolean)) as NonNullable<V>;
  } catch (error) {
    throw new Error(`${what} did not come true`, { cause: error });
  }
}
