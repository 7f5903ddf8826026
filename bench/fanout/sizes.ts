import type { KubeClient, KubeObject, ResourceType } from '@osmo/kube';

/** An object and how large its JSON is: what etcd stores of a custom resource, and nearly so of others. */
export interface Sized {
  kind: string;
  name: string;
  bytes: number;
}

/** Bytes of an object as JSON, without the fields named: those that the user wrote, not we. */
export function bytesOf(object: object, without: readonly string[] = []): number {
  const entries = Object.entries(object).filter(([key]) => !without.includes(key));
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(entries)));
}

/** The larger of two. */
export const larger = (a: Sized | undefined, b: Sized): Sized => (a && a.bytes >= b.bytes ? a : b);

/**
 * Follows a kind in a namespace and keeps the largest that any object ever was, `managedFields` included, until `signal`
 * aborts. Errors of the watch are thrown, but for the end by `signal`.
 */
export async function followLargest<T extends KubeObject>(
  { client, type, namespace }: { client: KubeClient; type: ResourceType<T>; namespace: string },
  without: readonly string[],
  seen: (object: Sized) => void,
  signal: AbortSignal,
): Promise<void> {
  let largest: Sized | undefined;
  try {
    for await (const event of client.watch(type, { namespace, signal, timeoutSeconds: 600 })) {
      if (event.type === 'BOOKMARK') continue;
      const { kind, metadata } = event.object;
      const next = larger(largest, { kind, name: metadata.name, bytes: bytesOf(event.object, without) });
      if (next !== largest) seen((largest = next));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
