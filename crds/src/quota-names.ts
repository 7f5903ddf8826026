import { userObjectName } from './user-names.ts';

/** Workflows that may be under way to be stored, for one subject at a time. */
export const mostReservations = 1000;

/** Name of the QuotaUsage of a user (by the name that the apiserver knows them by) or a namespace. At most 73 characters. */
export function quotaUsageName(kind: 'User' | 'Namespace', name: string): string {
  return kind === 'User' ? `user.${userObjectName(name)}` : `namespace.${name}`;
}
