import { RequestError } from '../http/errors.ts';
import type { Claims, Identity, SignIn } from './identity.ts';

/**
 * The one place where a request gets its identity: the first way of signing in that the request uses decides, also when it
 * refuses. A request that uses none is nobody's.
 *
 * @param signedIn hears of everybody who was found
 * @throws RequestError 401
 */
export function authenticator(
  ways: readonly SignIn[],
  signedIn: (identity: Identity) => void = () => undefined,
): (claims: Claims) => Promise<Identity> {
  return async (claims) => {
    for (const signIn of ways) {
      // One after the other: the first that applies decides.
      // oxlint-disable-next-line no-await-in-loop
      const identity = await signIn(claims);
      if (identity === undefined) continue;
      signedIn(identity);
      return identity;
    }
    throw unauthenticated(
      'who is calling? Send "Authorization: Bearer TOKEN" with an access token, or a token of this Kubernetes cluster',
    );
  };
}

/** A refusal that tells how to sign in. */
export function unauthenticated(message: string): RequestError {
  return new RequestError(401, 'USER', message, { headers: { 'www-authenticate': 'Bearer' } });
}
