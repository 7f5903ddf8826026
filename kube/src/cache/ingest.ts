import { apiVersionOf } from '../client/resource.ts';
import type { KubeObject, ResourceType } from '../client/types.ts';
import type { Logger } from '../runtime/logger.ts';

/**
 * Makes the function that prepares objects for a cache: drops `managedFields` (often half of an object, and nobody reads
 * it), lets strings that all objects share be one string, transforms, freezes.
 */
export function ingestor<T extends KubeObject>(options: {
  type: ResourceType<T>;
  transform?: ((object: T) => T) | undefined;
  freeze?: boolean | undefined;
  logger: Logger;
}): (object: T) => T {
  const { type, transform, freeze, logger } = options;
  const apiVersion = apiVersionOf(type);
  const namespaces = new Map<string, string>();
  const shared = (namespace: string): string => {
    const known = namespaces.get(namespace);
    if (known !== undefined) return known;
    namespaces.set(namespace, namespace);
    return namespace;
  };
  return (object) => {
    const { metadata } = object;
    object.apiVersion = apiVersion;
    object.kind = type.kind;
    // Assigning undefined would keep the key; delete turns small objects into slow ones only when it isn't the last key,
    // which managedFields is on the wire.
    delete metadata.managedFields;
    if (metadata.namespace !== undefined) metadata.namespace = shared(metadata.namespace);
    let stored = object;
    if (transform) {
      try {
        stored = transform(object);
      } catch (error) {
        logger.error('the transform of a cache failed; the object is kept as it came', {
          kind: type.kind,
          namespace: metadata.namespace,
          name: metadata.name,
          error: error instanceof Error ? error.message : String(error),
        });
      }
    }
    return freeze ? deepFreeze(stored) : stored;
  };
}

/** Freezes a JSON value through and through, and returns it. */
export function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
