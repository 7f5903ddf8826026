import { Api } from '@osmo/crds';
import { type Clock, type KubeClient, SubjectAccessReview } from '@osmo/kube';
import { forbidden } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import { ExpiringCache } from '../system/expiring-cache.ts';

/** Something that a caller wants to do with our kinds. */
export interface Deed {
  verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete' | 'use' | 'manage';
  /** Plural, of the group osmo.dev. */
  resource: string;
  subresource?: string;
  /** Absent: all namespaces, or a cluster-scoped kind. */
  namespace?: string;
  /** Absent: any object. */
  name?: string;
}

/** What RBAC says about callers, for reads that are answered from caches. */
export interface Access {
  may(caller: Identity, deed: Deed): Promise<boolean>;
  /** @throws RequestError 403 in the apiserver's words */
  demand(caller: Identity, deed: Deed): Promise<void>;
}

/** How long an answer holds: rights that are given or taken count after so long. */
const heldMs = 5_000;
const rememberedAnswers = 50_000;

/** Asks the apiserver (SubjectAccessReview), and again for the same only after a few seconds. */
export function accessReviews(client: Pick<KubeClient, 'create'>, clock: Clock): Access {
  const answers = new ExpiringCache<Promise<boolean>>(clock, heldMs, rememberedAnswers);
  const ask = (caller: Identity, deed: Deed): Promise<boolean> => {
    const { verb, resource, subresource = '', namespace = '', name = '' } = deed;
    const key = JSON.stringify([caller.user, caller.groups, verb, resource, subresource, namespace, name]);
    return answers.get(key, async () => {
      try {
        return await review(client, caller, deed);
      } catch (error) {
        answers.delete(key);
        throw error;
      }
    });
  };
  return {
    may: ask,
    async demand(caller, deed) {
      if (!(await ask(caller, deed))) throw forbidden(refusalText(caller, deed));
    },
  };
}

async function review(client: Pick<KubeClient, 'create'>, caller: Identity, deed: Deed): Promise<boolean> {
  const { status } = await client.create(SubjectAccessReview, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: { name: '' },
    spec: {
      user: caller.user,
      groups: [...caller.groups],
      resourceAttributes: { group: Api.group, version: Api.version, ...deed },
    },
  });
  return status?.allowed === true;
}

function refusalText({ user }: Identity, { verb, resource, subresource, namespace, name }: Deed): string {
  const what = subresource === undefined ? `${resource}.${Api.group}` : `${resource}.${Api.group}/${subresource}`;
  const which = name === undefined ? what : `${what} ${JSON.stringify(name)}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `user ${JSON.stringify(user)} cannot ${verb} ${which} ${where}; ask an administrator for a role that allows it`;
}
