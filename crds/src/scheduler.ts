/** Schedulers that a pool can be run by. */
export const schedulerTypes = ['Default', 'KAI', 'RunAI', 'Kueue', 'Volcano'] as const;

export type SchedulerType = (typeof schedulerTypes)[number];
