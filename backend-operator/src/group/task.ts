import type { TaskStatus } from '@osmo/crds';

export type { Task, TaskPhase, TaskStatus } from '@osmo/crds';

/** A status under construction. */
export type StatusFields = Partial<TaskStatus>;
