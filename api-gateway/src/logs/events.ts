import type { Task, Workflow } from '@osmo/crds';
import { type Event, type KubeClient, type KubeObject, resourceType } from '@osmo/kube';
import { stamp } from './format.ts';

/** core/v1 Event: the API that can be asked for the events of one object. */
interface CoreEvent extends KubeObject {
  involvedObject: { kind?: string; name?: string; namespace?: string };
  reason?: string;
  message?: string;
  type?: string;
  eventTime?: string | null;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
}
const CoreEvents = resourceType<CoreEvent>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
});

/** Events of one kind that are looked through, at most; a namespace with more is busy with something else. */
const mostEvents = 5000;
const pageSize = 500;

/**
 * The events of a workflow, its tasks and their pods as lines of text, oldest first: those that the API still has, and those that were
 * recorded.
 */
export async function eventLines(
  client: Pick<KubeClient, 'list'>,
  workflow: Workflow,
  tasks: readonly Task[],
  signal: AbortSignal,
  recorded: readonly Event[] = [],
): Promise<string[]> {
  const { namespace = '', name } = workflow.metadata;
  const taskOf = new Map<string, string>();
  const podNamespaces = new Set<string>();
  for (const { metadata, spec, status } of tasks) {
    taskOf.set(`Task/${metadata.name}`, spec.taskName);
    const pods = [status?.podName, ...(status?.attempts ?? []).map(({ podName }) => podName)];
    for (const pod of pods) if (pod !== undefined) taskOf.set(`Pod/${pod}`, spec.taskName);
    podNamespaces.add(status?.podNamespace ?? namespace);
  }
  const lists = await Promise.all([
    collect(client, namespace, `involvedObject.kind=Workflow,involvedObject.name=${name}`, () => true, signal),
    collect(client, namespace, 'involvedObject.kind=Task', isKnown(taskOf), signal),
    ...[...podNamespaces].map((each) => collect(client, each, 'involvedObject.kind=Pod', isKnown(taskOf), signal)),
  ]);
  const byUid = new Map([...recorded.map(asCore), ...lists.flat()].map((event) => [event.metadata.uid, event]));
  return [...byUid.values()]
    .map((event) => ({ event, time: timeOf(event) }))
    .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .map(({ event, time }) => {
      const { kind, name: object } = event.involvedObject;
      const about = taskOf.get(`${kind ?? ''}/${object ?? ''}`) ?? name;
      const text = (event.message ?? '').replaceAll(/\s*\n\s*/g, ' ');
      return `${stamp(time)} [${about}] ${event.reason ?? event.type ?? ''}: ${text}\n`;
    });
}

/** An event of the newer API, which records have, as the older one shows the same object. */
function asCore({ metadata, regarding = {}, reason, note, type, eventTime, series }: Event): CoreEvent {
  const message = note === undefined ? {} : { message: note };
  const time = series?.lastObservedTime ?? eventTime;
  return { metadata, involvedObject: regarding, reason, type, eventTime: time, ...message } as CoreEvent;
}

const isKnown =
  (known: ReadonlyMap<string, string>) =>
  ({ involvedObject: { kind = '', name = '' } }: CoreEvent): boolean =>
    known.has(`${kind}/${name}`);

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
