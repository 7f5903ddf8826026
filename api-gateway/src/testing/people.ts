import { Annotations, Labels } from '@osmo/crds';
import type { KubeClient } from '@osmo/kube';
import { ClusterRoleBindings, ClusterRoles } from '../kinds.ts';

const apiGroup = 'rbac.authorization.k8s.io';

/**
 * Makes a ClusterRole that is a role of the gateway, and gives it to users; the result takes it back.
 *
 * @param actions what tokens with the role are limited to
 */
export async function newRole(
  admin: KubeClient,
  name: string,
  actions: string,
  users: readonly string[] = [],
): Promise<() => Promise<void>> {
  await admin.create(ClusterRoles, {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRole',
    metadata: { name, labels: { [Labels.role]: 'true' }, annotations: { [Annotations.actions]: actions } },
    rules: [],
  });
  await admin.create(ClusterRoleBindings, {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: users.map((user) => ({ apiGroup, kind: 'User', name: user })),
  });
  return async () => {
    await admin.delete(ClusterRoleBindings, { name });
    await admin.delete(ClusterRoles, { name });
  };
}
