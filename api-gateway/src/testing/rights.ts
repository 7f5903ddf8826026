import type { KubeClient } from '@osmo/kube';

/** A rule of RBAC, as in a Role. */
export interface Rule {
  apiGroups: readonly string[];
  resources: readonly string[];
  verbs: readonly string[];
}

const apiVersion = 'rbac.authorization.k8s.io/v1';

/** Gives rights to a user or group, in a namespace or everywhere; the result takes them back. */
export async function grant(
  admin: KubeClient,
  name: string,
  subject: { kind: 'User' | 'Group'; name: string },
  rules: readonly Rule[],
  namespace?: string,
): Promise<() => Promise<void>> {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const path = `/apis/${apiVersion}${scope}/${kind.toLowerCase()}`;
  await admin.request('POST', `${path}s`, { body: { apiVersion, kind, metadata: { name }, rules } });
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', ...subject }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name };
  const binding = { apiVersion, kind: `${kind}Binding`, metadata: { name }, subjects, roleRef };
  await admin.request('POST', `${path}bindings`, { body: binding });
  return async () => {
    await admin.request('DELETE', `${path}bindings/${name}`);
    await admin.request('DELETE', `${path}s/${name}`);
  };
}
