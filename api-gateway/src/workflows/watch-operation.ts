import type { Dependencies } from '../dependencies.ts';
import { baseUrlOf } from '../http/base-url.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Changes } from '../system/changes.ts';
import { dashboardsOf, type DashboardUrls } from './dashboards.ts';
import { listParameters, workflowFilter } from './filter.ts';
import { idOf } from './ids.ts';
import { readableWorkflows } from './readable.ts';
import { workflowEntry } from './view.ts';
import { watchWorkflows } from './watch.ts';

/** Following workflows without asking again and again; upstream has nothing like it. */
export function watchOperations(dependencies: Dependencies): Operation[] {
  const { caches, clock, defaultNamespace } = dependencies;
  const changes = new Changes(caches.workflows);
  const { order: _order, offset: _offset, limit: _limit, ...filters } = listParameters;
  return [
    operation({
      id: 'watchWorkflows',
      action: 'workflow:List',
      method: 'get',
      path: '/api/watch/workflow',
      tag: 'Workflows',
      summary: 'Follows workflows as server-sent events',
      description:
        'First ADDED for each that there is and SYNCED, then ADDED, MODIFIED and DELETED. With the header Last-Event-ID ' +
        'only what changed since comes as MODIFIED; SYNCED has the names of all, so that the others are known to be gone.',
      parameters: filters,
      answer: { description: 'Events whose data are entries as in a list.', type: 'text/event-stream' },
      async handle({ query, caller, headers, signal }) {
        const wanted = workflowFilter({ ...query, order: undefined, offset: undefined, limit: undefined }, caller.user);
        const passes = async () => {
          const readable = await readableWorkflows(dependencies, caller, query.namespace);
          return (workflow: Parameters<typeof wanted>[0]) => wanted(workflow) && readable(workflow);
        };
        // A refusal comes before the stream begins.
        await passes();
        const baseUrl = baseUrlOf(headers, dependencies.publicUrl, dependencies.overTls);
        const dashboards = (pool: string | undefined): DashboardUrls => dashboardsOf(pool, caches);
        const last = headers['last-event-id'];
        const stream = watchWorkflows(
          {
            informer: caches.workflows,
            changes,
            clock,
            passes,
            view: (workflow) => workflowEntry(workflow, { defaultNamespace, baseUrl, now: clock.now(), dashboards }),
            idOf: ({ metadata }) => idOf(metadata, defaultNamespace),
            since: typeof last === 'string' ? last : undefined,
          },
          signal,
        );
        return { stream, type: 'text/event-stream' };
      },
    }),
  ];
}
