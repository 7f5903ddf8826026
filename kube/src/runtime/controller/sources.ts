import type { Change, Informer } from '../../cache/types.ts';
import type { KubeObject } from '../../client/types.ts';
import { defaultCluster } from '../plan.ts';
import type { ControllerDefinition, ForSource } from './definition.ts';
import { type Key, type Mapper, toOwner, toSelf } from './keys.ts';

/** A cache that a controller reads, and the keys that its changes concern. */
export interface Source {
  on: string;
  informer: Informer;
  keys(change: Change): readonly Key[];
}

export function sourcesOf<T extends KubeObject, W>(definition: ControllerDefinition<T, W>): readonly Source[] {
  const { for: primary, owns = [], watches = [] } = definition;
  return [
    ...(primary === undefined ? [] : [sourceOf(primary, toSelf)]),
    ...(primary === undefined ? [] : owns.map((source) => sourceOf(source, toOwner(primary.informer.type)))),
    ...watches.map((source) => sourceOf(source, source.enqueue)),
  ];
}

function sourceOf<T extends KubeObject>({ on, informer, predicate }: ForSource<T>, mapper: Mapper<T>): Source {
  return {
    on: on ?? defaultCluster,
    informer: informer,
    keys: (change) => {
      const typed = change as Change<T>;
      return predicate === undefined || predicate(typed) ? mapper(typed) : [];
    },
  };
}
