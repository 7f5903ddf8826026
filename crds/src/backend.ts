import type * as z from 'zod';
import * as zod from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { BackendType } from './resource-types.ts';
import { labels, statusHead } from './schema/common.ts';
import { integer, keyedList, list, object, oneOf, text } from './schema/fields.ts';
import { dnsLabel, uid } from './schema/names.ts';
import { clusterBytes, clusterCpu } from './schema/quantity.ts';

const webUrl = (doc: string) =>
  text(doc, { max: 1024, pattern: /^https?:\/\/[^\s]+$/, what: "a URL that begins with 'http://' or 'https://'" });

const spec = object('spec is what an administrator says about the cluster.', {
  description: text('description for people.', { max: 1024 }).optional(),
  dashboardURL: webUrl(
    'dashboardURL of the cluster, for links of workflows and tasks. {{workflow_id}}, {{workflow_uuid}}, {{namespace}}, {{pool}}, {{task_name}}, {{task_uuid}}, {{pod_name}}, {{pod_namespace}} and {{node_name}} are filled in; one that names a task is a link of tasks alone.',
  ).optional(),
  grafanaURL: webUrl(
    'grafanaURL of the cluster, for links of workflows: {{workflow_id}}, {{workflow_uuid}}, {{namespace}} and {{pool}} are filled in.',
  ).optional(),
  nodeConditions: object('nodeConditions say which nodes can be used.', {
    rules: list(
      'rules that all must hold for a node; that Ready is True always must.',
      object('One rule: conditions whose type matches must have a status that matches.', {
        type: text('type of the condition, as a regular expression for the whole of it.', { min: 1, max: 256 }),
        status: text('status of the condition, as a regular expression for the whole of it.', { min: 1, max: 64 }),
      }),
      { max: 32 },
    ).default([]),
  }).optional(),
});

const many = (doc: string) => integer(doc, { min: 0, max: 1_000_000 });

const allocatable = (doc: string) =>
  object(doc, {
    cpu: clusterCpu('cpu is the number of CPUs.'),
    memory: clusterBytes('memory is the amount of memory.'),
    storage: clusterBytes('storage is the amount of ephemeral storage.'),
    gpu: many('gpu is the number of GPUs.').default(0),
  });

const taint = object('One taint.', {
  key: text('key of the taint.', { min: 1, max: 317 }),
  value: zod.exactOptional(text('value of the taint.', { max: 63 })),
  effect: oneOf('effect of the taint.', ['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

const status = object('status is what the operator of the cluster says about it.', {
  ...statusHead('Connected'),
  version: text('version of the operator.', { max: 64 }).optional(),
  kubernetesVersion: text('kubernetesVersion of the cluster.', { max: 64 }).optional(),
  clusterUID: uid(
    'clusterUID is the UID of the namespace kube-system: another cluster under the same name is noticed.',
  ).optional(),
  nodes: object('nodes of the cluster.', {
    total: many('total number of nodes.'),
    available: many('available nodes: ready, not cordoned, and every rule of nodeConditions holds.'),
  }).optional(),
  capacity: allocatable('capacity that pods can use on all available nodes.').optional(),
  shapes: keyedList(
    'shapes of nodes: nodes with the same labels, taints and amounts are one shape.',
    'id',
    object('One shape.', {
      id: text('id of the shape: a hash of what makes it.', {
        min: 1,
        max: 64,
        pattern: /^[a-z0-9-]+$/,
        what: "lower-case letters, digits and '-'",
      }),
      count: many('count of nodes of this shape.'),
      available: many('available nodes of this shape.'),
      labels: labels('labels that the nodes share.', { max: 64 }),
      taints: list('taints that the nodes share.', taint, { max: 32 }),
      allocatable: allocatable('allocatable amounts of one node.'),
    }),
    { max: 64 },
  ).optional(),
});

export type BackendSpec = z.output<typeof spec>;
export type BackendSpecInput = z.input<typeof spec>;
export type BackendStatus = z.output<typeof status>;
export type BackendShape = NonNullable<BackendStatus['shapes']>[number];
export type BackendCapacity = NonNullable<BackendStatus['capacity']>;
export type Backend = OsmoObject<'Backend', BackendSpec, BackendStatus>;
export type BackendInput = OsmoInput<'Backend', BackendSpecInput>;

export const backendDefinition: KindDefinition = {
  type: BackendType,
  singular: 'backend',
  shortNames: ['obe'],
  description: 'Backend is a cluster that tasks run on. Its operator dials the hub and keeps status up to date.',
  name: dnsLabel('name of the backend: a DNS label, since tasks are labelled with it.'),
  spec,
  status,
  columns: [
    {
      name: 'Connected',
      type: 'string',
      jsonPath: ".status.conditions[?(@.type=='Connected')].status",
      description: 'Whether its operator is there.',
    },
    { name: 'Nodes', type: 'integer', jsonPath: '.status.nodes.available', description: 'Nodes that can be used.' },
    { name: 'CPU', type: 'string', jsonPath: '.status.capacity.cpu', description: 'CPUs of these nodes.' },
    { name: 'Memory', type: 'string', jsonPath: '.status.capacity.memory', description: 'Memory of these nodes.' },
    { name: 'GPU', type: 'integer', jsonPath: '.status.capacity.gpu', description: 'GPUs of these nodes.' },
    { name: 'Version', type: 'string', jsonPath: '.status.version', description: 'Version of its operator.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    {
      name: 'Kubernetes',
      type: 'string',
      jsonPath: '.status.kubernetesVersion',
      description: 'Version of Kubernetes.',
      priority: 1,
    },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: ".status.conditions[?(@.type=='Connected')].reason",
      description: 'Why.',
      priority: 1,
    },
  ],
};
