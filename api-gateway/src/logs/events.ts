import type { Task, Workflow } from '@osmo/crds';
import { type Event, type KubeClient, type KubeObject, resourceType } from '@osmo/kube';
import { logText } from './format.ts';

/** core/v1 Event: the API that can be asked for the events of one object. */
export interface CoreEvent extends KubeObject {
  involvedObject: { kind?: string; name?: string; namespace?: string; uid?: string };
  reason?: string;
  message?: string;
  type?: string;
  eventTime?: string | null;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
}
export const CoreEvents = resourceType<CoreEvent>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
});

/** Events of one kind that are looked through, at most; a namespace with more is busy with something else. */
const mostEvents = 5000;
const pageSize = 500;

export interface EventSelection {
  /** Those of a workflow that has left the cluster. */
  recorded?: readonly Event[] | undefined;
  /** Only of this task. */
  taskName?: string | undefined;
  /** Only of this attempt's pods. */
  attempt?: number | undefined;
}

/**
 * The events of a workflow, its tasks and their pods as lines of text, oldest first: those that the API still has, and those that were
 * recorded.
 */
export async function eventLines(
  client: Pick<KubeClient, 'list'>,
  workflow: Workflow,
  tasks: readonly Task[],
  signal: AbortSignal,
  { recorded = [], taskName, attempt }: EventSelection = {},
): Promise<string[]> {
  const { namespace = '', name } = workflow.metadata;
  const names = subjectsOf(workflow, tasks, attempt);
  const podNamespaces = podNamespacesOf(workflow, tasks);
  const lists = await Promise.all([
    collect(client, namespace, `involvedObject.kind=Workflow,involvedObject.name=${name}`, () => true, signal),
    collect(client, namespace, 'involvedObject.kind=Task', isKnown(names), signal),
    ...[...podNamespaces].map((each) => collect(client, each, 'involvedObject.kind=Pod', isKnown(names), signal)),
  ]);
  const byUid = new Map([...recorded.map(asCore), ...lists.flat()].map((event) => [event.metadata.uid, event]));
  return inOrder([...byUid.values()].filter((event) => isAbout(event, names.get(aboutOf(event))))).flatMap((event) => {
    const about = names.get(aboutOf(event)) ?? { name, attempt: 0 };
    return taskName === undefined || taskName === about.name ? [eventLine(event, about)] : [];
  });
}

/** Whom an event is about, as a line says it. */
export interface Subject {
  /** Of the task; the workflow's own name where it is about that. */
  readonly name: string;
  /** That the pod runs; 0 for what is about no pod. */
  readonly attempt: number;
  /** Of the object; not known of pods, whose names come only once. */
  readonly uid?: string | undefined;
}

/** Whether it is about that very object: one that was deleted may have had the same name, and its events stay for an hour. */
export const isAbout = ({ involvedObject }: CoreEvent, subject: Subject | undefined): boolean =>
  subject?.uid === undefined || involvedObject.uid === undefined || involvedObject.uid === subject.uid;

/**
 * What events are about that are a workflow's (`KIND/NAME`), and whom a line says that each is about.
 *
 * @param only of the pods only those of this attempt
 */
export function subjectsOf({ metadata }: Workflow, tasks: readonly Task[], only?: number): Map<string, Subject> {
  const { name: own, uid } = metadata;
  const found = new Map<string, Subject>([[`Workflow/${own}`, { name: own, attempt: 0, uid }]]);
  for (const { metadata: task, spec, status } of tasks) {
    const name = spec.taskName;
    found.set(`Task/${task.name}`, { name, attempt: 0, uid: task.uid });
    // Of attempts that share a pod the first is told.
    const now = { attempt: status?.attempt ?? 0, podName: status?.podName };
    for (const { attempt, podName } of [now, ...(status?.attempts ?? [])].toSorted((a, b) => b.attempt - a.attempt)) {
      if (podName !== undefined && (only === undefined || attempt === only))
        found.set(`Pod/${podName}`, { name, attempt });
    }
  }
  return found;
}

/** Where the events of a workflow's pods, and its own, may be. */
export function podNamespacesOf({ metadata: { namespace = '' } }: Workflow, tasks: readonly Task[]): Set<string> {
  return new Set([namespace, ...tasks.map(({ status }) => status?.podNamespace ?? namespace)]);
}

/** What an event is about: `KIND/NAME`. */
export const aboutOf = ({ involvedObject: { kind = '', name = '' } }: CoreEvent): string => `${kind}/${name}`;

/** Oldest first. */
export function inOrder(events: Iterable<CoreEvent>): CoreEvent[] {
  return [...events]
    .map((event) => ({ event, time: timeOf(event) }))
    .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .map(({ event }) => event);
}

/** `2025/01/31 12:00:00 [about] Reason: message`, with the retry where the pod is that of one: `[about retry-1]`. */
export function eventLine(event: CoreEvent, { name, attempt }: Subject): string {
  const text = (event.message ?? '').replaceAll(/\s*\n\s*/g, ' ');
  return logText(timeOf(event), name, attempt, `${event.reason ?? event.type ?? ''}: ${text}`);
}

/** An event of the newer API, which records have, as the older one shows the same object. */
function asCore({ metadata, regarding = {}, reason, note, type, eventTime, series }: Event): CoreEvent {
  const message = note === undefined ? {} : { message: note };
  const time = series?.lastObservedTime ?? eventTime;
  return { metadata, involvedObject: regarding, reason, type, eventTime: time, ...message } as CoreEvent;
}

const isKnown =
  (names: ReadonlyMap<string, unknown>) =>
  (event: CoreEvent): boolean =>
    names.has(aboutOf(event));

async function collect(
  client: Pick<KubeClient, 'list'>,
  namespace: string,
  fieldSelector: string,
  isWanted: (event: CoreEvent) => boolean,
  signal: AbortSignal,
): Promise<CoreEvent[]> {
  const found: CoreEvent[] = [];
  let page: string | undefined;
  for (let seen = 0; seen < mostEvents;) {
    // Each page needs the one before.
    // oxlint-disable-next-line no-await-in-loop
    const list = await client.list(CoreEvents, { namespace, fieldSelector, limit: pageSize, continue: page, signal });
    found.push(...list.items.filter(isWanted));
    seen += list.items.length;
    page = list.metadata.continue;
    if (page === undefined || page === '') break;
  }
  return found;
}

const timeOf = ({ eventTime, lastTimestamp, firstTimestamp, metadata }: CoreEvent): string =>
  lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp ?? '';
