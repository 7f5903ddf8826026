// First: the dependency injection of the library needs it.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { Generation } from './generation.ts';
import type { CertificatePolicy } from './policy.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** id-kp-serverAuth. */
const serverAuth = '1.3.6.1.5.5.7.3.1';

/**
 * Makes an authority, signs one certificate for `names` (of hosts, and addresses) with it, and forgets the authority's key: whoever reads the Secret
 * can serve under these names until the certificate ends, and sign nothing.
 *
 * The library that writes certificates takes 16 MiB of memory: `issueInThread` gives them back.
 */
export async function issueGeneration(
  names: readonly string[],
  { lifetimeMs, backdateMs }: CertificatePolicy,
  now: Date,
): Promise<Generation> {
  // Whole seconds: there is nothing finer in a certificate.
  const at = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);
  const validity = { notBefore: at(now.getTime() - backdateMs), notAfter: at(now.getTime() + lifetimeMs) };
  const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const [authorityKeys, keys] = await Promise.all([newKeys(), newKeys()]);
  // Positive, and unlike any other: two authorities of one name must be told apart.
  const serial = (): string => `01${randomBytes(15).toString('hex')}`;
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ CN: [`osmo-${randomBytes(6).toString('hex')}`] }],
    ...validity,
    signingAlgorithm: algorithm,
    keys: authorityKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: ['osmo'] }],
    issuer: authority.subject,
    ...validity,
    signingAlgorithm: algorithm,
    signingKey: authorityKeys.privateKey,
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    ca: `${authority.toString('pem').trim()}\n`,
    certificate: `${certificate.toString('pem').trim()}\n`,
    key: pemOf('PRIVATE KEY', Buffer.from(pkcs8)),
  };
}

function pemOf(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
