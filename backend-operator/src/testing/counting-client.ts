import type { KubeClient, ResourceType } from '@osmo/kube';

const writes: ReadonlySet<PropertyKey> = new Set(['create', 'replace', 'apply', 'patch', 'delete']);

/** The same client, and a list of what it was made to write: 'verb Kind', and the phase where a status has one. */
export function countingClient(client: KubeClient): { client: KubeClient; written: string[] } {
  const written: string[] = [];
  const counting = new Proxy(client, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (writes.has(property)) {
          const { status } = (args[1] ?? {}) as { status?: { phase?: string } };
          const words = [String(property), (args[0] as ResourceType).kind, status?.phase];
          written.push(words.filter((word) => word !== undefined).join(' '));
        }
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  return { client: counting, written };
}
