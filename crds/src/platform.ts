import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoInput, OsmoObject } from './object.ts';
import { PlatformType } from './resource-types.ts';
import { nodeSelector, podTemplate, resourceAmounts, statusHead, tolerations, variable } from './schema/common.ts';
import { flag, integer, keyedList, object, set, text } from './schema/fields.ts';
import { absolutePath, dnsLabel } from './schema/names.ts';
import { clusterBytes, clusterCpu } from './schema/quantity.ts';

const spec = object('spec is what makes the platform.', {
  description: text('description for people.', { max: 1024 }).optional(),
  nodeSelector: nodeSelector('nodeSelector picks the nodes by their labels; every node when it is not set.').optional(),
  tolerations: tolerations('tolerations of the taints that these nodes have.').optional(),
  podTemplate: podTemplate("podTemplate is merged over every pod on this platform, after the pool's.").optional(),
  defaultResources: resourceAmounts("defaultResources of tasks, where the workflow doesn't say how much.").optional(),
  variables: keyedList('variables for pod templates and resource rules.', 'name', variable, { max: 64 }).optional(),
  allowedMounts: set('allowedMounts are folders of the node that tasks may mount.', absolutePath('Folder.'), {
    max: 64,
  }).optional(),
  defaultMounts: set('defaultMounts are folders of the node that every task gets.', absolutePath('Folder.'), {
    max: 64,
  }).optional(),
  privilegedAllowed: flag('privilegedAllowed lets tasks ask for privileged.').default(false),
  hostNetworkAllowed: flag('hostNetworkAllowed lets tasks ask for hostNetwork.').default(false),
  nodeShapes: keyedList(
    'nodeShapes are nodes that can be started when there is none: work is taken for them.',
    'name',
    object('One shape: what a node of it has to give.', {
      name: dnsLabel('name of the shape.'),
      cpu: clusterCpu('cpu is the number of CPUs.'),
      memory: clusterBytes('memory is the amount of memory.'),
      storage: clusterBytes('storage is the amount of ephemeral storage.').optional(),
      gpu: integer('gpu is the number of GPUs.', { min: 0, max: 1024 }).optional(),
    }),
    { max: 32 },
  ).optional(),
});

const nodes = (doc: string) => integer(doc, { min: 0, max: 1_000_000 });

const status = object('status is where the platform is to be found.', {
  ...statusHead('Ready'),
  backends: keyedList(
    'backends that have such nodes.',
    'name',
    object('One backend.', {
      name: dnsLabel('name of the Backend.'),
      nodes: nodes('nodes that match.'),
      shapes: nodes('shapes that these nodes have.'),
    }),
    { max: 64 },
  ).default([]),
});

export type PlatformSpec = z.output<typeof spec>;
export type PlatformSpecInput = z.input<typeof spec>;
export type PlatformStatus = z.output<typeof status>;
export type NodeShape = NonNullable<PlatformSpec['nodeShapes']>[number];
export type Platform = OsmoObject<'Platform', PlatformSpec, PlatformStatus>;
export type PlatformInput = OsmoInput<'Platform', PlatformSpecInput>;

export const platformDefinition: KindDefinition = {
  type: PlatformType,
  singular: 'platform',
  shortNames: ['oplat'],
  description: 'Platform is a type of hardware: which nodes it means, and what tasks on them may do.',
  spec,
  status,
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: ".status.conditions[?(@.type=='Ready')].status",
      description: 'Whether there are nodes.',
    },
    { name: 'Reason', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].reason", description: 'Why.' },
    {
      name: 'Backends',
      type: 'string',
      jsonPath: '.status.backends[*].name',
      description: 'Backends that have such nodes.',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    {
      name: 'Privileged',
      type: 'boolean',
      jsonPath: '.spec.privilegedAllowed',
      description: 'Whether tasks may be privileged.',
      priority: 1,
    },
    { name: 'Description', type: 'string', jsonPath: '.spec.description', description: 'Description.', priority: 1 },
  ],
};
