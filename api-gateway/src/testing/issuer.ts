import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** An identity provider that is nothing but metadata, keys and a hand that signs. */
export interface PlayedIssuer {
  url: string;
  /** Signs claims; `iss`, `aud` and the times are filled in unless given (`undefined` leaves one out). */
  token(claims: JWTPayload, options?: { now?: Date; alg?: string; kid?: string }): Promise<string>;
  /** From now on signs with another key, and publishes only that one unless told to keep the former. */
  rotate(keep?: boolean): Promise<void>;
  fetch(input: string | URL): Promise<Response>;
  /** Requests that were answered, as paths. */
  asked: string[];
  /** Whether it answers. */
  up: boolean;
}

/** Plays an issuer with keys of one algorithm. */
export async function playIssuer(url: string, algorithm = 'ES256'): Promise<PlayedIssuer> {
  let number = 0;
  const make = async () => ({ kid: `key-${++number}`, ...(await generateKeyPair(algorithm, { extractable: true })) });
  let keys = [await make()];
  const issuer: PlayedIssuer = {
    url,
    asked: [],
    up: true,
    async token(claims, { now = new Date(), alg = algorithm, kid } = {}) {
      const [key] = keys;
      if (key === undefined) throw new Error('an issuer without a key');
      const seconds = Math.floor(now.getTime() / 1000);
      const all = { iss: url, aud: 'osmo', iat: seconds, exp: seconds + 300, ...claims };
      return new SignJWT(JSON.parse(JSON.stringify(all)) as JWTPayload)
        .setProtectedHeader({ alg, kid: kid ?? key.kid })
        .sign(key.privateKey);
    },
    async rotate(keep = false) {
      keys = [await make(), ...(keep ? keys : [])];
    },
    async fetch(input) {
      if (!issuer.up) throw new Error('id.example.com could not be called: ECONNREFUSED');
      const { pathname } = new URL(input);
      issuer.asked.push(pathname);
      if (pathname.endsWith('/.well-known/openid-configuration'))
        return Response.json({ issuer: url, jwks_uri: `${url}/keys`, authorization_endpoint: `${url}/auth` });
      if (!pathname.endsWith('/keys')) return new Response('', { status: 404 });
      const published = keys.map(async ({ kid, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg: algorithm,
      }));
      return Response.json({ keys: await Promise.all(published) });
    },
  };
  return issuer;
}
