import { randomUUID } from 'node:crypto';
import { loadAccess } from '../client/kubeconfig.ts';
import { createClient } from '../client/client.ts';
import { isAlreadyExists, isNotFound } from '../client/errors.ts';
import { CustomResourceDefinition } from '../client/kinds/cluster.ts';
import type { Condition } from '../client/kinds/meta.ts';
import { Namespace } from '../client/kinds/core.ts';
import { resourceType } from '../client/resource.ts';
import type { KubeClient, KubeObject } from '../client/types.ts';
import { systemClock } from '../runtime/clock.ts';
import { startFakeApiserver } from '../testing/fake-apiserver.ts';

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
  const kubeconfig = process.env['OSMO_TEST_KUBECONFIG'];
  if (!kubeconfig)
    throw new Error('OSMO_TEST_KUBECONFIG must name a kubeconfig with cluster-admin rights on a test cluster');
  const access = await loadAccess({ kubeconfig, clock: systemClock, env: {} });
  const client = createClient({ access, userAgent: 'contract-tests' });
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

/** Polls until `check` is truthy; a 404 counts as not yet. @throws after 10 s. */
export async function eventually<V>(check: () => V | Promise<V>, what = 'the condition'): Promise<NonNullable<V>> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await Promise.resolve(check()).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      return undefined;
    });
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not come true within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
