import { type Clock, type Informer, type KubeClient, type Logger, newInformer } from '@osmo/kube';
import { Changes } from '../system/changes.ts';
import { aboutOf, type CoreEvent, CoreEvents } from './events.ts';

/** The events of a namespace as they come. */
export interface EventFeed {
  /** Resolves when those that there are already are here. */
  synced: Promise<void>;
  /** Those about an object, named `KIND/NAME`. */
  about(key: string): readonly CoreEvent[];
  /** Listens until the result is called. */
  listen(listener: (event: CoreEvent) => void): () => void;
  /** The feed isn't needed any more; to be called once. */
  release(): void;
}

interface Shared {
  informer: Informer<CoreEvent>;
  changes: Changes<CoreEvent>;
  stop: AbortController;
  users: number;
}

/** Feeds of events, one watch for each namespace that somebody follows now, however many do. */
export class EventFeeds {
  readonly #parts: { client: KubeClient; clock: Clock; logger: Logger };
  readonly #shared = new Map<string, Shared>();

  constructor(parts: { client: KubeClient; clock: Clock; logger: Logger }) {
    this.#parts = parts;
  }

  open(namespace: string): EventFeed {
    const shared = this.#shared.get(namespace) ?? this.#start(namespace);
    shared.users++;
    const { informer, changes } = shared;
    return {
      synced: informer.synced,
      about: (key) => informer.byIndex('about', key),
      listen: (listener) =>
        changes.listen(({ new: event }) => {
          if (event !== undefined) listener(event);
        }),
      release: () => {
        shared.users--;
        if (shared.users > 0) return;
        this.#shared.delete(namespace);
        shared.stop.abort(new Error('nobody follows these events any more'));
      },
    };
  }

  #start(namespace: string): Shared {
    const stop = new AbortController();
    const indexes = { about: (event: CoreEvent) => [aboutOf(event)] };
    const informer = newInformer({ ...this.#parts, type: CoreEvents, namespace, indexes, transform: slim });
    const shared = { informer, changes: new Changes(informer), stop, users: 0 };
    this.#shared.set(namespace, shared);
    informer.start(stop.signal);
    return shared;
  }
}

/** What a line is made of: there may be thousands in a namespace. */
function slim(event: CoreEvent): CoreEvent {
  const { apiVersion, kind, metadata, involvedObject, reason, message, type, eventTime } = event;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    involvedObject: { kind: involvedObject.kind, name: involvedObject.name, uid: involvedObject.uid },
    reason,
    message,
    type,
    eventTime,
    firstTimestamp: event.firstTimestamp,
    lastTimestamp: event.lastTimestamp,
  } as CoreEvent;
}
