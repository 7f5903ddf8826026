import { createHash, randomBytes } from 'node:crypto';

/** A secret of one login and what may be told of it beforehand (RFC 7636, S256). */
export function newChallenge(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
