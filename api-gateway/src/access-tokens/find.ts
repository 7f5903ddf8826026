import { timingSafeEqual } from 'node:crypto';
import { type AccessToken, Labels, type User, userObjectName } from '@osmo/crds';
import { type Clock, type Informer, isNotFound, type KubeClient } from '@osmo/kube';
import { Indexes } from '../caches.ts';
import { addressKey, rateLimit } from '../http/rate-limit.ts';
import { AccessTokens, Users } from '../kinds.ts';
import { hashLabel } from './secret.ts';

/** Questions to the apiserver about what no cache knows, that one address may cause: in the long run, and at once. */
const questionsPerSecond = 10;
const questionBurst = 100;

/** Finds access tokens and their users: in the caches, which follow every change, and what is too new for them at the apiserver. */
export interface TokenFinder {
  /** `from` is the address that asks. @throws RequestError 429 when it brings too many that nobody knows */
  byHash(hash: string, from: string | undefined): Promise<AccessToken | undefined>;
  /** The incarnation of that UID. @throws RequestError 429 likewise */
  byName(name: string, uid: string, from: string | undefined): Promise<AccessToken | undefined>;
  userOf(token: AccessToken, from: string | undefined): Promise<User | undefined>;
}

export interface TokenFinderOptions {
  accessTokens: Informer<AccessToken>;
  users: Informer<User>;
  client: Pick<KubeClient, 'get' | 'list'>;
  clock: Clock;
}

export function tokenFinder({ accessTokens, users, client, clock }: TokenFinderOptions): TokenFinder {
  const questions = rateLimit(clock, questionsPerSecond, questionBurst, 'new tokens');
  const ask = async <T>(from: string | undefined, question: () => Promise<T>): Promise<T | undefined> => {
    // Otherwise made-up tokens would keep the apiserver busy, before anybody is known whose requests could be counted.
    questions.take(addressKey(from ?? ''));
    try {
      return await question();
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  return {
    async byHash(hash, from) {
      const [known] = accessTokens.byIndex(Indexes.hash, hash);
      if (known !== undefined) return isOf(known, hash) ? known : undefined;
      const labelSelector = `${Labels.tokenHash}=${hashLabel(hash)}`;
      const found = await ask(from, () => client.list(AccessTokens, { labelSelector, limit: 10 }));
      return found?.items.find((token) => isOf(token, hash));
    },
    async byName(name, uid, from) {
      const known = accessTokens.get(undefined, name) ?? (await ask(from, () => client.get(AccessTokens, { name })));
      return known?.metadata.uid === uid ? known : undefined;
    },
    async userOf({ spec }, from) {
      const name = userObjectName(spec.user);
      return users.get(undefined, name) ?? (await ask(from, () => client.get(Users, { name })));
    },
  };
}

function isOf({ spec }: AccessToken, hash: string): boolean {
  const [a, b] = [Buffer.from(spec.hash), Buffer.from(hash)];
  return a.length === b.length && timingSafeEqual(a, b);
}
