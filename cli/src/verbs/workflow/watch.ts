import { ExitCodes } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import type { Host } from '../../host.ts';
import type { GatewayClient } from '../../http/client.ts';
import type { QueryValue } from '../../http/query.ts';
import { serverSentEvents } from '../../http/server-sent-events.ts';
import type { WorkflowEntry } from './entry.ts';

/** What happened to a workflow, or SYNCED: everything that there is was told. */
export type Change = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; workflow: WorkflowEntry } | { type: 'SYNCED' };

/** How often in a row a stream may be lost without anything having come of it. */
const mostLosses = 5;

/**
 * Follows workflows for as long as somebody reads: first what there is, then what changes. A stream that is lost is taken up again
 * where it broke off, at whichever replica answers; what has gone meanwhile is told as DELETED.
 *
 * @throws Failure when the gateway refuses, or is lost again and again
 */
export async function* watchWorkflows(
  client: Pick<GatewayClient, 'stream'>,
  host: Pick<Host, 'sleep' | 'signal'>,
  query: Readonly<Record<string, QueryValue>>,
): AsyncGenerator<Change> {
  const known = new Map<string, WorkflowEntry>();
  let since: string | undefined;
  for (let losses = 0; ; losses++) {
    try {
      const headers: Record<string, string> = since === undefined ? {} : { 'last-event-id': since };
      const stream = client.stream({ path: '/api/watch/workflow', query, headers });
      for await (const { type, data, id } of serverSentEvents(stream)) {
        losses = 0;
        if (type === 'SYNCED') {
          const { names } = JSON.parse(data) as { names: readonly string[] };
          for (const workflow of gone(known, new Set(names))) yield { type: 'DELETED', workflow };
          yield { type };
        } else if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') {
          const workflow = JSON.parse(data) as WorkflowEntry;
          if (type === 'DELETED') known.delete(workflow.name);
          else known.set(workflow.name, workflow);
          yield { type, workflow };
        }
        since = id;
      }
    } catch (error) {
      if (!(error instanceof Failure) || error.exitCode !== ExitCodes.server || losses >= mostLosses) throw error;
    }
    if (losses >= mostLosses) throw new Failure(ExitCodes.server, 'the gateway ends the stream again and again');
    await host.sleep(1000, host.signal);
  }
}

/** Takes those out that aren't there any more. */
function gone(known: Map<string, WorkflowEntry>, names: ReadonlySet<string>): WorkflowEntry[] {
  const missing = [...known.values()].filter(({ name }) => !names.has(name));
  for (const { name } of missing) known.delete(name);
  return missing;
}
