import { Api } from '@osmo/crds';
import type { Impersonation } from '@osmo/kube';
import type { Identity } from '../identity/identity.ts';

/** Keys under which the apiserver's audit log has how somebody signed in, with which access token, and from where. */
export const auditExtras = {
  method: `${Api.group}/method`,
  token: `${Api.group}/token`,
  source: `${Api.group}/source`,
} as const;

/** A caller as the apiserver is told: user and groups, by which RBAC decides, and what is for its audit log only. */
export function impersonationOf({ user, groups, method, accessToken, request }: Identity): Impersonation {
  return {
    user,
    groups,
    extra: {
      [auditExtras.method]: method,
      [auditExtras.token]: accessToken?.name,
      [auditExtras.source]: request?.source,
    },
  };
}
