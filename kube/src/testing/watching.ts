import { apiVersionOf, groupResourceOf } from '../client/resource.ts';
import {
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
} from '../client/selectors.ts';
import type { KubeObject, ObjectMeta } from '../client/types.ts';
import { badRequest, expired } from './api-error.ts';
import type { FakeKind } from './kinds.ts';
import type { Commit, Storage } from './storage.ts';

export type Match = (object: KubeObject) => boolean;

/** @throws ApiError 400 on a selector that can't be parsed or names a field that the kind does not select by. */
export function matcher(
  kind: FakeKind,
  query: { namespace?: string | undefined; name?: string | undefined; labelSelector?: string; fieldSelector?: string },
): Match {
  const { namespace, name } = query;
  try {
    const labels = parseLabelSelector(query.labelSelector ?? '');
    const fields = parseFieldSelector(query.fieldSelector ?? '');
    const known = new Set(['metadata.name', 'metadata.namespace', ...(kind.selectableFields ?? [])]);
    const unknown = fields.find(({ key }) => !known.has(key));
    if (unknown) throw badRequest(`field label not supported: ${unknown.key}`);
    return (object) =>
      (!namespace || object.metadata.namespace === namespace) &&
      (!name || object.metadata.name === name) &&
      matchesLabels(labels, object.metadata.labels) &&
      matchesFields(fields, object);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(`unable to parse requirement: ${error.message}`);
    throw error;
  }
}

export interface Event {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: object;
}

export interface WatchRequest {
  resourceVersion: string;
  sendInitialEvents: boolean;
  bookmarks: boolean;
}

/** The event of a commit for a watch that sees only matching objects; undefined when it sees nothing. */
export function eventOf({ old, new: next, revision }: Commit, match: Match): Event | undefined {
  const before = old !== undefined && match(old);
  const after = next !== undefined && match(next);
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object: next };
  if (!before) return undefined;
  // The last state that matched, at the version of the change that took it away.
  return { type: 'DELETED', object: { ...old, metadata: { ...old.metadata, resourceVersion: String(revision) } } };
}

export function bookmark(kind: FakeKind, revision: number, annotations?: ObjectMeta['annotations']): Event {
  const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...(annotations && { annotations }) };
  return { type: 'BOOKMARK', object: { kind: kind.type.kind, apiVersion: apiVersionOf(kind.type), metadata } };
}

/** What a watch is sent at once: the state, or the changes since its version, or that its version is gone. */
export function openingEvents(kind: FakeKind, storage: Storage, request: WatchRequest, match: Match): Event[] {
  const resource = groupResourceOf(kind.type);
  const { resourceVersion, sendInitialEvents } = request;
  const fromState = sendInitialEvents || resourceVersion === '' || resourceVersion === '0';
  if (fromState) {
    const state = storage
      .list(resource)
      .filter(([, object]) => match(object))
      .map(([, object]): Event => ({ type: 'ADDED', object }));
    const end = { 'k8s.io/initial-events-end': 'true' };
    return sendInitialEvents && request.bookmarks ? [...state, bookmark(kind, storage.revision, end)] : state;
  }
  const from = Number(resourceVersion);
  if (!Number.isInteger(from) || from < 0)
    throw badRequest(`invalid resource version ${JSON.stringify(resourceVersion)}`);
  if (from < storage.compacted) {
    // A watch's refusal comes as an event: the answer has begun with 200.
    return [{ type: 'ERROR', object: expired(`too old resource version: ${from} (${storage.compacted})`).status }];
  }
  return storage.since(resource, from).flatMap((commit) => eventOf(commit, match) ?? []);
}
