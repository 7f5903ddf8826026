/** Who makes a request, as the apiserver will be told: RBAC decides about this user and these groups. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
  /** How the caller proved it. */
  readonly method: 'token' | 'dev' | 'none' | 'oidc' | 'saml' | 'session' | 'access-token' | 'proxy';
  /** The access token that they came with. */
  readonly accessToken?: {
    readonly name: string;
    /** Names of roles that it is limited to; absent: whatever its user may do. */
    readonly roles?: readonly string[];
  };
  /** As the identity provider says; verified there or absent. */
  readonly email?: string;
  /** To be set with the answer: a session that was renewed. */
  readonly cookies?: readonly string[];
  /** The request that is made with it. */
  readonly request?: RequestOrigin;
}

/** What the audit tells of a request beside who makes it. */
export interface RequestOrigin {
  readonly id: string;
  /** Address that it came from, as far as trusted proxies say. */
  readonly source: string;
}

/** The part of a request by which a caller can be told. */
export interface Claims {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Address of the peer of the connection, not of any header. */
  readonly remoteAddress: string | undefined;
  /** Address that the request came from, as far as trusted proxies say (`sourceOf`): whose attempts are counted. */
  readonly source?: string;
}

/** One way to sign in. Resolves to undefined when the request doesn't use it; throws a RequestError when it does so in vain. */
export type SignIn = (claims: Claims) => Promise<Identity | undefined>;

/** Nobody in particular: what open operations are answered for. */
export const anonymous: Identity = { user: 'system:anonymous', groups: ['system:unauthenticated'], method: 'none' };
