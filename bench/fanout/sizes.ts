import { type KubeClient, type KubeObject, listPages, type ResourceType } from '@osmo/kube';

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

/** A kind in a namespace, and which fields of its objects are not ours. */
export interface Followed<T extends KubeObject> {
  client: KubeClient;
  type: ResourceType<T>;
  namespace: string;
  without: readonly string[];
}

/**
 * Follows a kind and keeps the largest that any object ever was, `managedFields` included, until `signal` aborts; the
 * state after that is read once more, since a watch may be behind. The error of a watch that broke is thrown.
 */
export async function largestOf<T extends KubeObject>(
  { client, type, namespace, without }: Followed<T>,
  signal: AbortSignal,
): Promise<Sized | undefined> {
  let largest: Sized | undefined;
  const see = ({ metadata, ...object }: T): void => {
    largest = larger(largest, {
      kind: type.kind,
      name: metadata.name,
      bytes: bytesOf({ metadata, ...object }, without),
    });
  };
  try {
    for await (const event of client.watch(type, { namespace, signal, timeoutSeconds: 600 })) {
      if (event.type !== 'BOOKMARK') see(event.object);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  for await (const { items } of listPages(client, type, { namespace })) items.forEach(see);
  return largest;
}
