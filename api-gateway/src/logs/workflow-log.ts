import { isUpstreamEnd, type Task, upstreamTaskStatus, upstreamWorkflowStatus, type Workflow } from '@osmo/crds';
import { Merge } from '../system/merge.ts';
import { logText } from './format.ts';
import { lastLines, sortableTime } from './last-lines.ts';
import type { LogSource } from './log-source.ts';

/** Logs that are read at once for one caller; the others wait for their turn. */
const mostAtOnce = 32;

/** Lines of a whole workflow that are asked for from its end, at most: they are in memory. */
const mostOfAll = 100_000;

export interface WorkflowLogRequest {
  /** The workflow as it is now; undefined when it is gone. */
  read(): { workflow: Workflow; tasks: readonly Task[] } | undefined;
  /** Calls back when something about it may have changed, until the result is called. */
  listen(changed: () => void): () => void;
  source: LogSource;
  /** Only of this task. */
  taskName?: string | undefined;
  /** Only of this attempt, from 0; the current one when it is not given. */
  attempt?: number | undefined;
  tailLines?: number | undefined;
  /** Only lines that hold this text. */
  text?: string | undefined;
  /** Only of tasks that failed, and only what is there. */
  failedOnly?: boolean | undefined;
}

/**
 * The logs of a workflow's tasks as lines of text: what there is, and then what comes until it ends. Tasks of a workflow that
 * has ended come one after the other; of one that runs, as their lines come.
 */
export async function* workflowLog(request: WorkflowLogRequest, signal: AbortSignal): AsyncGenerator<string> {
  const lines = new Merge<string>(signal);
  const seen = new Set<string>();
  const told = new Map<string, string>();
  if (request.tailLines !== undefined && request.taskName === undefined) {
    yield* lastOfAll(request, request.tailLines, told, signal);
  }
  let active = 0;
  const look = (): void => {
    const world = request.read();
    const over = world === undefined || request.failedOnly === true || isOver(world, request.taskName);
    const open = (world?.tasks ?? []).toSorted(byStart).flatMap((task) => attemptsOf(task, request));
    const atOnce = over ? 1 : mostAtOnce;
    for (const { task, attempt } of open) {
      const key = `${task.metadata.uid}/${attempt}`;
      if (seen.has(key)) continue;
      if (active >= atOnce) return;
      seen.add(key);
      active++;
      lines.add(taskLog(task, attempt, request, signal, told.get(key)), () => {
        active--;
        look();
      });
    }
    if (over && active === 0) lines.close();
  };
  const stop = request.listen(look);
  try {
    look();
    yield* lines;
  } finally {
    stop();
  }
}

/** The last lines of the whole workflow; `told` then has up to where each log was told, by task UID and attempt. */
async function* lastOfAll(
  request: WorkflowLogRequest,
  tailLines: number,
  told: Map<string, string>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { tasks = [] } = request.read() ?? {};
  const wanted = tasks
    .filter((task) => isWanted(task, request))
    .map((task) => ({ task, attempt: task.status?.attempt ?? 0 }));
  const count = Math.min(tailLines, mostOfAll);
  const { lines, lastOf } = await lastLines(wanted, count, request.source, signal);
  for (const { task, attempt } of wanted) {
    const { uid = '' } = task.metadata;
    told.set(`${uid}/${attempt}`, sortableTime(lastOf.get(uid) ?? ''));
  }
  for (const { time, text, task, attempt } of lines) {
    if (request.text === undefined || text.includes(request.text))
      yield logText(time, task.spec.taskName, attempt, text);
  }
}

async function* taskLog(
  task: Task,
  attempt: number,
  request: WorkflowLogRequest,
  signal: AbortSignal,
  after?: string,
): AsyncGenerator<string> {
  const { source, tailLines, taskName, text, failedOnly } = request;
  const name = task.spec.taskName;
  const isCurrent = attempt === (task.status?.attempt ?? 0);
  const follow = failedOnly !== true && isCurrent && !isUpstreamEnd(upstreamTaskStatus(task));
  if (after !== undefined && !follow) return;
  const tail = taskName === undefined ? {} : { tailLines };
  const isRunning = (): boolean => {
    const now = request.read()?.tasks.find(({ metadata }) => metadata.uid === task.metadata.uid);
    return now !== undefined && attempt === (now.status?.attempt ?? 0) && !isUpstreamEnd(upstreamTaskStatus(now));
  };
  const lines = await source.open({ task, attempt, follow, isRunning, ...tail, ...(after && { after }) }, signal);
  if (lines === undefined) {
    // That one is gone is worth a word where it is the one that was asked for.
    if (!isCurrent && request.attempt === undefined) return;
    const time = task.status?.completionTime ?? task.status?.startTime ?? task.metadata.creationTimestamp ?? '';
    yield logText(
      time,
      name,
      attempt,
      '[osmo] there is no log of this task: its command printed nothing or never started, or its pod was gone before it could be kept',
    );
    return;
  }
  for await (const line of lines) {
    if (after !== undefined && sortableTime(line.time) <= after) continue;
    if (text === undefined || line.text.includes(text)) yield logText(line.time, name, attempt, line.text);
  }
}

/**
 * The attempts of a task whose logs are told, in their order: of a whole workflow all that there were, as upstream has it. Of one task,
 * of failures and of last lines the current one.
 */
function attemptsOf(task: Task, request: WorkflowLogRequest): { task: Task; attempt: number }[] {
  const { status } = task;
  const current = status?.attempt ?? 0;
  const only = request.attempt ?? current;
  const now = isWanted(task, request) ? [{ task, attempt: only }] : [];
  const { taskName, attempt: asked, tailLines, failedOnly } = request;
  if ([taskName, asked, tailLines].some((each) => each !== undefined) || failedOnly === true) return now;
  const earlier = (status?.attempts ?? []).filter((each) => each.attempt < current && each.podName !== undefined);
  return [...earlier.map(({ attempt }) => ({ task, attempt })), ...now];
}

/** Tasks whose commands have started, or never will. */
function isWanted({ spec, status }: Task, { taskName, failedOnly, attempt }: WorkflowLogRequest): boolean {
  if (taskName !== undefined && spec.taskName !== taskName) return false;
  if (failedOnly === true && status?.phase !== 'Failed' && attempt === undefined) return false;
  if (attempt !== undefined && attempt < (status?.attempt ?? 0)) return true;
  if (status?.podName === undefined) return false;
  return status.phase === 'Running' || status.phase === 'Completed' || status.phase === 'Failed';
}

function isOver({ workflow, tasks }: { workflow: Workflow; tasks: readonly Task[] }, taskName?: string): boolean {
  if (isUpstreamEnd(upstreamWorkflowStatus(workflow))) return true;
  const task = taskName === undefined ? undefined : tasks.find(({ spec }) => spec.taskName === taskName);
  return task !== undefined && isUpstreamEnd(upstreamTaskStatus(task));
}

function byStart(a: Task, b: Task): number {
  const [one, two] = [a, b].map(({ status, metadata }) => status?.startTime ?? metadata.creationTimestamp ?? '');
  if (one !== two) return (one ?? '') < (two ?? '') ? -1 : 1;
  return a.spec.taskName < b.spec.taskName ? -1 : 1;
}
