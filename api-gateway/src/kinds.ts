import { type KubeObject, resourceType } from '@osmo/kube';

export * from '@osmo/crds/addresses';

/** Of RBAC: what may be done, under a name. */
export interface ClusterRole extends KubeObject {
  rules?: object[];
}
export const ClusterRoles = resourceType<ClusterRole>(rbac('ClusterRole', false));

/** Of RBAC: who has a role. */
export interface Binding extends KubeObject {
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects?: { apiGroup?: string; kind: string; name: string; namespace?: string }[];
}
export const ClusterRoleBindings = resourceType<Binding>(rbac('ClusterRoleBinding', false));
export const RoleBindings = resourceType<Binding>(rbac('RoleBinding', true));

function rbac(kind: string, namespaced: boolean) {
  const plural = `${kind.toLowerCase()}s`;
  return { group: 'rbac.authorization.k8s.io', version: 'v1', kind, plural, namespaced };
}

/** Create-only: the answer says whose the token in `spec` is. */
export interface TokenReview extends KubeObject {
  spec: { token?: string; audiences?: string[] };
  status?: {
    authenticated?: boolean;
    user?: { username?: string; uid?: string; groups?: string[] };
    error?: string;
  };
}
export const TokenReviews = resourceType<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  namespaced: false,
});
