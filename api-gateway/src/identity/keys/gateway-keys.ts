import { createPublicKey } from 'node:crypto';
import type { Clock } from '@osmo/kube';
import {
  CompactEncrypt,
  compactDecrypt,
  type CryptoKey,
  decodeProtectedHeader,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import { activeGeneration, type KeyGeneration, longestLifeMs } from './key-set.ts';

/** Who issues the gateway's own tokens, and for whom. */
export const ownIssuer = 'osmo-api-gateway';

/** What is encrypted: a text made for one purpose is none for another. */
export type Purpose = 'session' | 'login' | 'saml';

/** The gateway's own keys: for tokens that it issues and cookies that it gives out. */
export interface GatewayKeys {
  /** A JWT with these claims and `iss`, `aud`, `iat`, `exp`. At most 30 days. @throws Error as long as there are no keys */
  sign(claims: Readonly<Record<string, unknown>>, lifetimeSeconds: number): Promise<string>;
  /** The claims of a JWT that `sign` made and that hasn't ended; undefined for any other text. */
  verify(jwt: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** A JWE of what JSON can hold, for one purpose and so many seconds, at most 30 days. @throws Error as long as there are no keys */
  encrypt(purpose: Purpose, content: unknown, lifetimeSeconds: number): Promise<string>;
  /** What `encrypt` was given for this purpose, if it hasn't ended; undefined for any other text. */
  decrypt(purpose: Purpose, text: string): Promise<unknown>;
  /** The public keys, as a JWKS (RFC 7517). */
  jwks(): { keys: readonly object[] };
}

/** Where generations come from. */
export interface KeySource {
  /** Those that are known. */
  current(): readonly KeyGeneration[];
  /** Looks again, for a generation that isn't known: perhaps another replica made it a moment ago. */
  refresh(): Promise<void>;
}

const signing = 'ES256';
const encryption = 'A256GCM';

/** The keys of a source; generations may come and go. */
export function gatewayKeys(source: KeySource, clock: Clock): GatewayKeys {
  const signers = new Map<string, Promise<{ private: CryptoKey; public: CryptoKey }>>();
  const signerOf = (generation: KeyGeneration): Promise<{ private: CryptoKey; public: CryptoKey }> => {
    const known = signers.get(generation.id);
    if (known !== undefined) return known;
    const made = importSigner(generation);
    signers.set(generation.id, made);
    // Generations are few; those that are gone go with the next new one.
    for (const id of signers.keys()) {
      if (id !== generation.id && !source.current().some((each) => each.id === id)) signers.delete(id);
    }
    return made;
  };
  const active = (): KeyGeneration => {
    const found = activeGeneration(source.current(), clock.now());
    if (found === undefined) throw new Error('the gateway has no keys yet');
    return found;
  };
  const generationOf = async (text: string): Promise<KeyGeneration | undefined> => {
    const { kid } = headerOf(text);
    if (typeof kid !== 'string') return undefined;
    const find = (): KeyGeneration | undefined => source.current().find(({ id }) => id === kid);
    const known = find();
    if (known !== undefined) return known;
    await source.refresh();
    return find();
  };
  const endOf = (lifetimeSeconds: number): number => {
    if (lifetimeSeconds * 1000 > longestLifeMs) throw new RangeError('keys are not kept for so long');
    return Math.floor(clock.now().getTime() / 1000) + lifetimeSeconds;
  };
  return {
    async sign(claims, lifetimeSeconds) {
      const generation = active();
      const { private: key } = await signerOf(generation);
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: signing, kid: generation.id, typ: 'JWT' })
        .setIssuer(ownIssuer)
        .setAudience(ownIssuer)
        .setIssuedAt(clock.now())
        .setExpirationTime(endOf(lifetimeSeconds))
        .sign(key);
    },
    async verify(jwt) {
      const generation = await generationOf(jwt);
      if (generation === undefined) return undefined;
      const { public: key } = await signerOf(generation);
      try {
        const { payload } = await jwtVerify(jwt, key, {
          algorithms: [signing],
          issuer: ownIssuer,
          audience: ownIssuer,
          requiredClaims: ['exp'],
          currentDate: clock.now(),
        });
        return payload;
      } catch {
        return undefined;
      }
    },
    encrypt(purpose, content, lifetimeSeconds) {
      const generation = active();
      const sealed = { until: endOf(lifetimeSeconds), content };
      return new CompactEncrypt(Buffer.from(JSON.stringify(sealed), 'utf8'))
        .setProtectedHeader({ alg: 'dir', enc: encryption, kid: generation.id, typ: purpose })
        .encrypt(Buffer.from(generation.encryption, 'base64url'));
    },
    async decrypt(purpose, text) {
      const generation = await generationOf(text);
      if (generation === undefined) return undefined;
      try {
        const { plaintext, protectedHeader } = await compactDecrypt(
          text,
          Buffer.from(generation.encryption, 'base64url'),
          { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: [encryption] },
        );
        const { until, content } = JSON.parse(Buffer.from(plaintext).toString('utf8')) as Record<string, unknown>;
        if (protectedHeader.typ !== purpose || typeof until !== 'number') return undefined;
        return clock.now().getTime() < until * 1000 ? content : undefined;
      } catch {
        return undefined;
      }
    },
    jwks: () => ({ keys: source.current().map(publicJwk) }),
  };
}

function headerOf(text: string): { kid?: unknown } {
  try {
    return decodeProtectedHeader(text);
  } catch {
    return {};
  }
}

async function importSigner(generation: KeyGeneration): Promise<{ private: CryptoKey; public: CryptoKey }> {
  const [own, open] = await Promise.all([
    importJWK(generation.signing as JWK, signing),
    importJWK(publicJwk(generation) as JWK, signing),
  ]);
  return { private: own as CryptoKey, public: open as CryptoKey };
}

function publicJwk({ id, signing: key }: KeyGeneration): object {
  const jwk = createPublicKey({ key, format: 'jwk' }).export({ format: 'jwk' });
  return { ...jwk, kid: id, alg: signing, use: 'sig' };
}
