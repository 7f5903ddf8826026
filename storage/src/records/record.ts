/** Objects are kept as the API showed them: what they are is told by their own `apiVersion`. */
export interface RecordedObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; uid?: string };
}

/** What a list shows of a finished workflow. Times are RFC 3339. */
export interface RecordSummary {
  namespace: string;
  name: string;
  uid: string;
  /** How often it was restarted. */
  run: number;
  phase: string;
  reason?: string;
  message?: string;
  pool: string;
  priority: string;
  submittedBy?: string;
  /** Of the object. */
  labels?: Readonly<Record<string, string>>;
  /** That its submitter gave it, in its spec. */
  workflowLabels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  creationTime?: string;
  startTime?: string;
  completionTime: string;
  taskCounts?: Readonly<Record<string, number>>;
  groupCounts?: Readonly<Record<string, number>>;
}

/** Images that ran under one name. */
export interface RanImage {
  /** As the task names it. */
  image: string;
  /** With digests, as the nodes told; sorted. */
  imageIDs: string[];
}

/** All that is kept of a finished workflow, as it is in the archive. */
export interface WorkflowRecord<
  W extends RecordedObject = RecordedObject,
  T extends RecordedObject = RecordedObject,
  E extends RecordedObject = RecordedObject,
> {
  format: typeof recordFormat;
  summary: RecordSummary;
  /** With spec, source and status. */
  workflow: W;
  /** With their attempts. */
  tasks: T[];
  /** Of the workflow and its tasks, as far as the API still had them. */
  events: E[];
  images: RanImage[];
  /** Of the lists above; a record whose lists are of other lengths is damaged. */
  counts: { tasks: number; events: number };
}

/** Name of the format; a reader refuses others. */
export const recordFormat = 'osmo.dev/workflow-record/v1';
