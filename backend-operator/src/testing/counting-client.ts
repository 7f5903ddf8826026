import type { KubeClient, ResourceType } from '@osmo/kube';

const writes: ReadonlySet<PropertyKey> = new Set(['create', 'replace', 'apply', 'patch', 'delete']);

/** The same client, and a list of what it was made to write: 'verb Kind'. */
export function countingClient(client: KubeClient): { client: KubeClient; written: string[] } {
  const written: string[] = [];
  const counting = new Proxy(client, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (writes.has(property)) written.push(`${String(property)} ${(args[0] as ResourceType).kind}`);
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  return { client: counting, written };
}
