/** A workflow in a list, in upstream's shape. */
export interface WorkflowEntry {
  user?: string | null;
  name: string;
  status: string;
  submit_time: string;
  start_time?: string | null;
  end_time?: string | null;
  duration?: number | null;
  queued_time?: number | null;
  pool?: string | null;
  priority?: string | null;
  labels?: Readonly<Record<string, string>> | null;
  overview?: string | null;
  namespace?: string;
}

/** A workflow with its groups and tasks, in upstream's shape. */
export interface WorkflowDetail extends Omit<WorkflowEntry, 'user'> {
  submitted_by: string | null;
  message?: string | null;
  groups: readonly WorkflowGroup[];
}

export interface WorkflowGroup {
  name: string;
  status: string;
  remaining_upstream_groups?: readonly string[] | null;
  failure_message?: string | null;
  tasks: readonly WorkflowTask[];
}

export interface WorkflowTask {
  name: string;
  retry_id: number;
  status: string;
  start_time: string | null;
  end_time?: string | null;
  exit_code?: number | null;
  failure_message?: string | null;
  node_name?: string | null;
  pod_name?: string | null;
}

/** Labels on one line, in the order of their keys. */
export function shownLabels(labels: Readonly<Record<string, string>> | null | undefined): string {
  const pairs = Object.entries(labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? '-' : pairs.map(([key, value]) => `${key}=${value}`).join(', ');
}
