import { createHash, randomBytes } from 'node:crypto';

/** An access token as its user gets it, once: 32 random bytes, 43 characters that a URL can hold. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether a text can be an access token: tokens of Kubernetes and of identity providers have dots. */
export function isSecret(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** SHA-256 in hexadecimal digits: of so much chance it gives nothing away, and looking it up tells nothing by its time. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Value of the label by which the apiserver finds a token by its hash: as much of it as a label holds. */
export function hashLabel(hash: string): string {
  return hash.slice(0, 63);
}
