import type { Workflow } from '@osmo/crds';
import { type Clock, compareVersions, type Informer } from '@osmo/kube';
import type { Changes } from '../system/changes.ts';

export interface WatchRequest {
  informer: Informer<Workflow>;
  changes: Changes<Workflow>;
  clock: Clock;
  /** The test that says what the caller wants and may see; asked again for every batch, since rights come and go. */
  passes: () => Promise<(workflow: Workflow) => boolean>;
  view: (workflow: Workflow) => unknown;
  idOf: (workflow: Workflow) => string;
  /** The version that the caller had before; undefined for one that comes new. */
  since: string | undefined;
}

/** A sign of life, for proxies in between. */
const heartbeatMs = 15_000;

/** Characters that are written at once, about: what a slow reader keeps waiting. */
const pieceLength = 16_384;

/** What happened to one workflow since the last batch: as it was first, and as it is last. */
interface Pending {
  old: Workflow | undefined;
  now: Workflow | undefined;
}

/**
 * Workflows as server-sent events: first what there is, then every change, ADDED, MODIFIED and DELETED as seen through the test.
 *
 * Ids are versions of the apiserver, and stand at the end of a batch, when everything up to them was told. Who comes back with one gets
 * what is newer and, in SYNCED, the ids of all that there is: what isn't among them is gone. So no replica has to remember anybody, and
 * a slow reader costs at most one entry for each workflow.
 */
export async function* watchWorkflows(request: WatchRequest, signal: AbortSignal): AsyncGenerator<string> {
  const { informer, changes, clock, since } = request;
  const pending = new Map<string, Pending>();
  let wake = (): void => undefined;
  const stop = changes.listen(({ old, new: now }) => {
    const { namespace = '', name = '' } = (now ?? old)?.metadata ?? {};
    const key = `${namespace}/${name}`;
    const known = pending.get(key);
    pending.set(key, { old: known === undefined ? old : known.old, now });
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  try {
    yield* present(request, since);
    while (!signal.aborted) {
      if (pending.size === 0) {
        let cancel = (): void => undefined;
        // oxlint-disable-next-line no-await-in-loop
        const late = await new Promise<boolean>((resolve) => {
          wake = () => resolve(false);
          cancel = clock.setTimeout(heartbeatMs, () => resolve(true));
        });
        cancel();
        wake = () => undefined;
        if (late) yield ': alive\n\n';
        continue;
      }
      // oxlint-disable-next-line no-await-in-loop
      const passes = await request.passes();
      const batch = [...pending.values()];
      pending.clear();
      const version = informer.resourceVersion ?? '';
      const events = batch.flatMap((change) => eventsOf(change, passes, request));
      // The version stands on the last one: before it, not all up to it was told.
      if (events.length > 0) yield `${events.join('\n\n')}\nid: ${version}\n\n`;
    }
  } finally {
    stop();
    signal.removeEventListener('abort', onAbort);
  }
}

async function* present(request: WatchRequest, since: string | undefined): AsyncGenerator<string> {
  const { informer, view, idOf } = request;
  const passes = await request.passes();
  const all = informer.list().filter(passes);
  const version = informer.resourceVersion ?? '';
  const known = since !== undefined && /^\d{1,20}$/.test(since) ? since : undefined;
  // In pieces: a write for each of many workflows costs more than making what is written.
  let piece = '';
  for (const workflow of all) {
    const isNew = known === undefined || (compareVersions(workflow.metadata.resourceVersion ?? '', known) ?? 1) > 0;
    if (isNew) piece += `${event(known === undefined ? 'ADDED' : 'MODIFIED', view(workflow))}\n\n`;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
  yield `${event('SYNCED', { names: all.map(idOf) })}\nid: ${version}\n\n`;
}

function eventsOf({ old, now }: Pending, passes: (workflow: Workflow) => boolean, { view }: WatchRequest): string[] {
  const before = old !== undefined && passes(old);
  if (now !== undefined && passes(now)) return [event(before ? 'MODIFIED' : 'ADDED', view(now))];
  return before ? [event('DELETED', view(old))] : [];
}

/** JSON holds no line breaks, so that it is one line of data. */
function event(type: string, data: unknown): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}`;
}
