import type { IncomingMessage, ServerResponse } from 'node:http';
import { groupResourceOf } from '../client/resource.ts';
import { ApiError } from './api-error.ts';
import type { Effect } from './faults.ts';
import { selectors } from './handlers.ts';
import type { Route } from './routes.ts';
import type { Storage } from './storage.ts';
import { bookmark, type Event, eventOf, matcher, openingEvents } from './watching.ts';
import { project } from './wire.ts';

/** A watch that a client has open. */
export interface OpenWatch {
  /** Sends what comes at once, and from now on what happens. */
  begin(): void;
  bookmark(): void;
  /** Ends it properly, after `last`. */
  end(last?: string): void;
}

export interface WatchSetting {
  route: Route;
  request: IncomingMessage;
  response: ServerResponse;
  effect: Effect | undefined;
  storage: Storage;
  watchList: boolean;
  onClose: () => void;
}

/** Checks a watch and sends its headers. @throws ApiError when it is refused before it began. */
export function openWatch({ route, request, response, effect, storage, watchList, onClose }: WatchSetting): OpenWatch {
  const { kind, namespace, name, query } = route;
  const sendInitialEvents = query.get('sendInitialEvents') === 'true';
  if (sendInitialEvents && !watchList) {
    const why = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
    throw new ApiError(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: ${why}`);
  }
  const bookmarks = query.get('allowWatchBookmarks') === 'true';
  const match = matcher(kind, { ...selectors(namespace, query), name });
  const resourceVersion = query.get('resourceVersion') ?? '';
  const opening = openingEvents(kind, storage, { resourceVersion, sendInitialEvents, bookmarks }, match);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const rewrite = effect && 'lines' in effect ? effect.lines : undefined;
  const stalled = effect !== undefined && 'stall' in effect;
  let index = 0;
  let close = onClose;

  const send = (event: Event): void => {
    if (stalled || response.writableEnded || response.destroyed) return;
    const whole = event.type === 'ERROR' || event.type === 'BOOKMARK';
    const line = JSON.stringify({
      type: event.type,
      object: whole ? event.object : project(request, route, event.object),
    });
    const lines = rewrite ? rewrite(line, index++) : [line];
    if (lines === 'cut') response.socket?.destroy();
    else if (lines === 'end') watch.end();
    else if ('half' in lines) watch.end(lines.half);
    else for (const text of lines) response.write(`${text}\n`);
    if (event.type === 'ERROR') watch.end();
  };
  const watch: OpenWatch = {
    begin() {
      const unsubscribe = storage.subscribe((commit) => {
        const event = commit.resource === groupResourceOf(kind.type) ? eventOf(commit, match) : undefined;
        if (event) send(event);
      });
      const seconds = Number(query.get('timeoutSeconds') ?? 0);
      const timer = seconds > 0 ? setTimeout(() => watch.end(), seconds * 1000) : undefined;
      close = () => {
        unsubscribe();
        clearTimeout(timer);
        onClose();
      };
      response.on('close', () => close());
      for (const event of opening) send(event);
    },
    bookmark() {
      if (bookmarks) send(bookmark(kind, storage.revision));
    },
    end(last = '') {
      close();
      response.end(last);
    },
  };
  return watch;
}
