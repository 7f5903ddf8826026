/** Who makes a request, as the apiserver will be told: RBAC decides about this user and these groups. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
  /** How the caller proved it. */
  readonly method: 'token' | 'dev' | 'none';
}

/** The part of a request by which a caller can be told. */
export interface Claims {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Address of the peer of the connection, not of any header. */
  readonly remoteAddress: string | undefined;
}

/** One way to sign in. Resolves to undefined when the request doesn't use it; throws a RequestError when it does so in vain. */
export type SignIn = (claims: Claims) => Promise<Identity | undefined>;

/** Nobody in particular: what open operations are answered for. */
export const anonymous: Identity = { user: 'system:anonymous', groups: ['system:unauthenticated'], method: 'none' };
