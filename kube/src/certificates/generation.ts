import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** A serving certificate, its key, and the authority that signed it (empty where it isn't said): PEM. */
export interface Generation {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** A generation that holds together, and until when. */
export interface ReadGeneration extends Generation {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of the certificate: tells generations apart, in logs too. */
  readonly fingerprint: string;
  covers(name: string): boolean;
}

/**
 * Reads what a Secret holds.
 *
 * @returns a sentence on what is wrong where it isn't a certificate with its key and its authority; never holds a key
 */
export function readGeneration({ ca, certificate, key }: Generation): ReadGeneration | string {
  const leaf = attempt(() => new X509Certificate(certificate));
  const privateKey = attempt(() => createPrivateKey(key));
  if (leaf === undefined) return 'tls.crt holds no certificate';
  if (ca !== '' && attempt(() => new X509Certificate(ca)) === undefined) return 'ca.crt holds no certificate';
  if (privateKey === undefined) return 'tls.key holds no private key';
  if (!leaf.checkPrivateKey(privateKey)) return 'tls.key is not the key of tls.crt';
  return {
    ca,
    certificate,
    key,
    notBefore: leaf.validFromDate,
    notAfter: leaf.validToDate,
    fingerprint: leaf.fingerprint256,
    covers: (name) => (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) !== undefined,
  };
}

/** Whether the authority has signed the certificate itself, with nothing in between. */
export function signedByOwnAuthority({ ca, certificate }: Generation): boolean {
  if (ca === '') return false;
  const [leaf, authority] = [new X509Certificate(certificate), new X509Certificate(ca)];
  return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
