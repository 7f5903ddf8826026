import { type Example, taskNamesOf } from './example.ts';

/** The part of a Workflow that the demo reads. */
export interface WorkflowView {
  metadata: { name: string; uid?: string; creationTimestamp?: string };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    startTime?: string;
    completionTime?: string;
    taskCounts?: {
      total: number;
      waiting: number;
      active: number;
      completed: number;
      failed: number;
      upstream: number;
    };
  };
}

/** The part of a Task that the demo reads. */
export interface TaskView {
  metadata: { name: string };
  spec: { taskName: string; workflow: { name: string; uid: string } };
  status?: {
    phase?: string;
    reason?: string;
    exitCode?: number;
    podName?: string;
    podNamespace?: string;
    startTime?: string;
    completionTime?: string;
  };
}

/** One task as it is now. */
export interface TaskState {
  name: string;
  /** `Waiting`, a phase, or how it ended: `Completed`, `Upstream`, a reason with its exit code (`Error 3`). */
  state: string;
  ended: boolean;
  startTime?: string;
  completionTime?: string;
  pod?: { namespace: string; name: string };
}

/** One workflow as it is now. */
export interface WorkflowState {
  example: Example;
  name: string;
  phase: string;
  reason?: string;
  message?: string;
  ended: boolean;
  createdTime?: string;
  completionTime?: string;
  tasks: readonly TaskState[];
  /** What `status.taskCounts` says of tasks that never start. */
  upstream: number;
}

/** Joins what is in the API to one picture of an example; `workflow` is undefined until it was applied. */
export function stateOf(
  example: Example,
  workflow: WorkflowView | undefined,
  tasks: readonly TaskView[],
): WorkflowState {
  const status = workflow?.status;
  const phase = status?.phase ?? 'Pending';
  const ended = phase === 'Completed' || phase === 'Failed';
  const own = new Map(
    tasks.filter((task) => task.spec.workflow.uid === workflow?.metadata.uid).map((task) => [task.spec.taskName, task]),
  );
  return {
    example,
    name: example.name,
    phase,
    ...(status?.reason !== undefined && { reason: status.reason }),
    ...(status?.message !== undefined && { message: status.message }),
    ended,
    ...(workflow?.metadata.creationTimestamp !== undefined && { createdTime: workflow.metadata.creationTimestamp }),
    ...(status?.completionTime !== undefined && { completionTime: status.completionTime }),
    tasks: taskNamesOf(example.manifest.spec).map((name) => taskState(name, own.get(name), ended)),
    upstream: status?.taskCounts?.upstream ?? 0,
  };
}

function taskState(name: string, task: TaskView | undefined, workflowEnded: boolean): TaskState {
  // A task below a failure never becomes an object, so that it costs nothing.
  if (!task) return { name, state: workflowEnded ? 'Upstream' : 'Waiting', ended: workflowEnded };
  const { phase = 'Pending', reason, exitCode, startTime, completionTime, podName, podNamespace } = task.status ?? {};
  const failed = [reason ?? 'Failed', exitCode].filter((part) => part !== undefined).join(' ');
  return {
    name,
    state: phase === 'Failed' ? failed : phase,
    ended: phase === 'Completed' || phase === 'Failed',
    ...(startTime !== undefined && { startTime }),
    ...(completionTime !== undefined && { completionTime }),
    ...(podName !== undefined && podNamespace !== undefined && { pod: { namespace: podNamespace, name: podName } }),
  };
}

/** Sentences about what differs from the expected outcome; none when it ended as it should. */
export function differences(state: WorkflowState): string[] {
  const { expected } = state.example;
  const found: string[] = [];
  const compare = (what: string, want: string | undefined, is: string | undefined): void => {
    if (want !== is) found.push(`${what} is ${is ?? 'not set'}, want ${want ?? 'none'}`);
  };
  compare('phase', expected.phase, state.phase);
  compare('reason', expected.reason, state.reason);
  for (const task of state.tasks) compare(`task ${task.name}`, expected.tasks[task.name], task.state);
  const upstream = Object.values(expected.tasks).filter((outcome) => outcome === 'Upstream').length;
  compare('taskCounts.upstream', String(upstream), String(state.upstream));
  return found;
}
