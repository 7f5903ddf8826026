import { Api } from '@osmo/crds';
import { Event, type Informer, type Manager } from '@osmo/kube';

const byUid = 'regardingUid';

/** Asks the manager for a cache of the Events about our own objects, which the API keeps for an hour or so. */
export function newEventCache(manager: Manager): Informer<Event> {
  return manager.informer({
    type: Event,
    fieldSelector: `regarding.apiVersion=${Api.apiVersion}`,
    indexes: { [byUid]: ({ regarding }) => (regarding?.uid === undefined ? [] : [regarding.uid]) },
    transform: withoutManagedFields,
  });
}

/** Events about an object, the first first. */
export function eventsAbout(events: Pick<Informer<Event>, 'byIndex'>, uid: string): Event[] {
  return events.byIndex(byUid, uid).toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
}

/** The object without what only the apiserver reads. */
export function withoutManagedFields<T extends { metadata: object }>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as { managedFields?: unknown };
  return { ...object, metadata };
}

function timeOf({ eventTime, metadata }: Event): string {
  return eventTime ?? metadata.creationTimestamp ?? '';
}
