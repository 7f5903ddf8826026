import { isUpstreamEnd } from '@osmo/workflow-spec/status';
import { ExitCodes } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import type { Host } from '../../host.ts';
import { type GatewayClient, segment } from '../../http/client.ts';
import type { Session } from '../../session.ts';
import type { WorkflowDetail } from './entry.ts';

const firstPauseMs = 500;
const longestPauseMs = 5_000;

/**
 * A workflow now, and again whenever what is shown of it has changed, until it has ended. Asked for more and more seldom
 * while nothing changes.
 *
 * @throws Failure when the gateway refuses, or can't be reached
 */
export async function* untilEnded(
  client: Pick<GatewayClient, 'json'>,
  host: Pick<Host, 'sleep' | 'signal'>,
  id: string,
  { verbose = false, shown }: { verbose?: boolean; shown: (detail: WorkflowDetail) => string },
): AsyncGenerator<WorkflowDetail> {
  let last: string | undefined;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const detail = await client.json<WorkflowDetail>({ path: `/api/workflow/${segment(id)}`, query: { verbose } });
    const text = shown(detail);
    if (text !== last) {
      last = text;
      pauseMs = firstPauseMs;
      yield detail;
    }
    if (isUpstreamEnd(detail.status)) return;
    await host.sleep(pauseMs, host.signal);
  }
}

/**
 * Waits for the end of a workflow and says on standard error how far it is: a line that is written over on a terminal, else a
 * line for each change.
 *
 * @throws Failure with exit code 4 when it has ended badly
 */
export async function waitForEnd(session: Session, client: Pick<GatewayClient, 'json'>, id: string): Promise<void> {
  const { err } = session.host;
  let status = '';
  let message: string | null | undefined;
  for await (const detail of untilEnded(client, session.host, id, { shown: progressOf })) {
    ({ status, message } = detail);
    const line = progressOf(detail);
    if (err.isTTY) err.write(`\r\u001B[K${line}${isUpstreamEnd(status) ? '\n' : ''}`);
    else session.note(line);
  }
  if (status === 'COMPLETED') return;
  const why = message === null || message === undefined || message === '' ? '' : `: ${message}`;
  throw new Failure(
    ExitCodes.failed,
    `workflow ${id} has ended as ${status}${why}; 'osmo workflow explain ${id}' says more`,
  );
}

/** `train-7: RUNNING, 2 of 5 tasks have ended`. */
function progressOf({ name, status, groups }: WorkflowDetail): string {
  const tasks = groups.flatMap((group) => group.tasks);
  const ended = tasks.filter((task) => isUpstreamEnd(task.status)).length;
  const have = tasks.length === 1 ? 'task has' : 'tasks have';
  return `${name}: ${status}, ${ended} of ${tasks.length} ${have} ended`;
}
