import type { XmlElement } from '@xmldom/xmldom';
import { createDecipheriv, type KeyObject, privateDecrypt, constants } from 'node:crypto';
import { Namespaces } from './namespaces.ts';
import { SamlError } from './saml-error.ts';
import { attributeOf, childrenOf, textOf } from './xml.ts';

/** Ciphers that say when what they decrypt was changed. Those that don't (CBC) tell an attacker more than they may. */
const ciphers: Readonly<Record<string, { name: 'aes-128-gcm' | 'aes-256-gcm'; keyBytes: number }>> = {
  'http://www.w3.org/2009/xmlenc11#aes128-gcm': { name: 'aes-128-gcm', keyBytes: 16 },
  'http://www.w3.org/2009/xmlenc11#aes256-gcm': { name: 'aes-256-gcm', keyBytes: 32 },
};
const wrapping = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p';
const usualDigest = 'http://www.w3.org/2000/09/xmldsig#sha1';
const [ivBytes, tagBytes] = [12, 16];

/**
 * The XML of an encrypted assertion: AES-GCM with a key that is wrapped for us by RSA-OAEP.
 *
 * @throws SamlError
 */
export function decryptAssertion(encrypted: XmlElement, key: KeyObject | undefined): string {
  if (key === undefined)
    throw new SamlError(
      'the assertion is encrypted, and no keyPair is set up here: have it sent as it is, or set one up',
    );
  const data = only(encrypted, Namespaces.encryption, 'EncryptedData');
  const cipher = ciphers[methodOf(data) ?? ''];
  if (cipher === undefined)
    throw new SamlError('the assertion is encrypted with a cipher that is not taken: have it encrypted with AES-GCM');
  // Within what it decrypts, or beside it.
  const [keyInfo] = childrenOf(data, Namespaces.signature, 'KeyInfo');
  const holders = keyInfo === undefined ? [encrypted] : [keyInfo, encrypted];
  const wrapped = holders.flatMap((each) => childrenOf(each, Namespaces.encryption, 'EncryptedKey'));
  const [first] = wrapped;
  if (first === undefined || wrapped.length !== 1)
    throw new SamlError('the assertion must be encrypted for one recipient');
  const [method] = childrenOf(first, Namespaces.encryption, 'EncryptionMethod');
  const digests = method === undefined ? [] : childrenOf(method, Namespaces.signature, 'DigestMethod');
  if (methodOf(first) !== wrapping || digests.some((each) => attributeOf(each, 'Algorithm') !== usualDigest))
    throw new SamlError(
      'the key of the assertion is encrypted in a way that is not taken: have it encrypted with RSA-OAEP',
    );
  try {
    const secret = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, valueOf(first));
    const sealed = valueOf(data);
    if (secret.length !== cipher.keyBytes || sealed.length < ivBytes + tagBytes) throw new Error('too short');
    const decipher = createDecipheriv(cipher.name, secret, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    const plain = Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    throw new SamlError(
      'the assertion can not be decrypted: is it encrypted for the certificate in this gateway’s metadata?',
    );
  }
}

const methodOf = (element: XmlElement): string | undefined =>
  attributeOf(childrenOf(element, Namespaces.encryption, 'EncryptionMethod')[0], 'Algorithm');

function valueOf(element: XmlElement): Buffer {
  const data = only(element, Namespaces.encryption, 'CipherData');
  return Buffer.from(textOf(only(data, Namespaces.encryption, 'CipherValue')), 'base64');
}

function only(parent: XmlElement, namespace: string, name: string): XmlElement {
  const [first, ...others] = childrenOf(parent, namespace, name);
  if (first === undefined || others.length > 0) throw new SamlError(`what is encrypted must have one ${name}`);
  return first;
}
