import { userObjectName } from './user-names.ts';

/** Name of the QuotaUsage of a user (by the name that the apiserver knows them by) or a namespace. At most 73 characters. */
export function quotaUsageName(kind: 'User' | 'Namespace', name: string): string {
  return kind === 'User' ? `user.${userObjectName(name)}` : `namespace.${name}`;
}
