import type { ConfigMap } from '@osmo/kube';

/** How a child process fills its memory. */
export type Reading = 'bare' | 'list' | 'watch-list';

/** What a child measured. */
export interface Measured {
  objects: number;
  /** From the first request to the last object in memory. */
  seconds: number;
  /** Of them, inside JSON.parse of whole pages; `bare` only. */
  parseSeconds?: number;
  /** Growth of V8's heap after a full collection. */
  heapBytes: number;
  /** Growth of the resident memory, same moments. */
  rssBytes: number;
  /** CPU time of the child between the two moments. */
  cpuSeconds: number;
}

/** Objects per page: what an informer asks for by default. */
export const pageSize = 500;

/** An object like those that controllers cache: a few labels, half a kilobyte of content. */
export const sample = (namespace: string, number: number): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: `object-${number}`,
    namespace,
    labels: {
      'app.kubernetes.io/name': 'bench',
      'app.kubernetes.io/instance': `instance-${number % 100}`,
      'osmo.dev/group': `group-${number % 1000}`,
    },
    annotations: { 'osmo.dev/task-name': `task-${number}` },
  },
  data: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`key-${i}`, `${number}-${i}-`.padEnd(64, 'v')])),
});
