import type { XmlElement } from '@xmldom/xmldom';
import { Namespaces } from './namespaces.ts';
import { SamlError } from './saml-error.ts';
import { attributeOf, childrenOf, elementsOf, isNamed, readXml, textOf } from './xml.ts';

const success = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/** What signatures may be made with, by the element that names it. SHA-1 is not among them, nor anything with a shared secret. */
const algorithms: Readonly<Record<string, readonly string[]>> = {
  CanonicalizationMethod: [exclusive],
  SignatureMethod: [
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
    'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  ],
  DigestMethod: ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512'],
  Transform: [enveloped, exclusive],
};

/** What a response must say. */
export interface ResponseRules {
  /** The provider's. */
  entityID: string;
  /** Address at which responses are taken. */
  acsUrl: string;
  /** ID of the request that it answers. */
  requestId: string;
}

/** A response of the right form; nothing of it is verified yet. */
export interface PlainResponse {
  xml: string;
  /** What holds the assertion, plain or encrypted. */
  assertion: XmlElement;
  encrypted: boolean;
}

/** The XML of the form's field. @throws SamlError */
export function decodeResponse(field: string): string {
  const packed = field.replaceAll(/\s/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(packed) || packed === '')
    throw new SamlError('it is no base64');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(packed, 'base64'));
  } catch {
    throw new SamlError('it is no UTF-8');
  }
}

/**
 * Whether a response has the one form that is taken: one assertion, in its place, and signatures that can mean nothing else than what
 * they are in. Whatever else could be read in more than one way is refused before anything is verified.
 *
 * @throws SamlError
 */
export function checkResponse(xml: string, rules: ResponseRules): PlainResponse {
  const root = readXml(xml);
  if (!isNamed(root, Namespaces.protocol, 'Response')) throw new SamlError('it is no SAML response');
  if (attributeOf(root, 'Version') !== '2.0') throw new SamlError('it is not of SAML 2.0');
  checkStatus(root);
  const destination = attributeOf(root, 'Destination');
  if (destination !== undefined && destination !== rules.acsUrl)
    throw new SamlError('it is for another address (Destination)');
  const inResponseTo = attributeOf(root, 'InResponseTo');
  if (inResponseTo !== undefined && inResponseTo !== rules.requestId)
    throw new SamlError('it answers another login (InResponseTo)');
  const issuers = childrenOf(root, Namespaces.assertion, 'Issuer');
  if (issuers.length > 1 || issuers.some((each) => textOf(each) !== rules.entityID))
    throw new SamlError('it is of another identity provider (Issuer)');
  const plain = childrenOf(root, Namespaces.assertion, 'Assertion');
  const encrypted = childrenOf(root, Namespaces.assertion, 'EncryptedAssertion');
  const [assertion] = [...plain, ...encrypted];
  const everywhere = elementsOf(root).filter(({ element }) =>
    ['Assertion', 'EncryptedAssertion', 'Response'].includes(element.localName),
  );
  if (assertion === undefined || everywhere.length !== 2)
    throw new SamlError('it must hold one assertion, and no other anywhere');
  checkSignatures(root, [root, assertion]);
  if (plain.length === 1) demandSignature(assertion);
  return { xml, assertion, encrypted: encrypted.length === 1 };
}

/** The same for an assertion that was encrypted. @throws SamlError */
export function checkDecrypted(xml: string): void {
  const root = readXml(xml);
  if (!isNamed(root, Namespaces.assertion, 'Assertion')) throw new SamlError('what was encrypted is no assertion');
  const within = elementsOf(root).filter(({ element }) =>
    /^(?:Encrypted)?Assertion$|^Response$/.test(element.localName),
  );
  if (within.length !== 1) throw new SamlError('it must hold one assertion, and no other anywhere');
  checkSignatures(root, [root]);
  demandSignature(root);
}

function checkStatus(root: XmlElement): void {
  const [status, ...others] = childrenOf(root, Namespaces.protocol, 'Status');
  const [code] = status === undefined ? [] : childrenOf(status, Namespaces.protocol, 'StatusCode');
  const value = attributeOf(code, 'Value');
  if (others.length === 0 && value === success) return;
  const [inner] = code === undefined ? [] : childrenOf(code, Namespaces.protocol, 'StatusCode');
  const word = /^urn:oasis:names:tc:SAML:2\.0:status:(\w{1,40})$/.exec(attributeOf(inner, 'Value') ?? value ?? '')?.[1];
  throw new SamlError(`the identity provider answered ${word ?? 'no success'}`);
}

/** Each signature is of the element that it is in, over all of it, by names that nothing else has. */
function checkSignatures(root: XmlElement, signed: readonly XmlElement[]): void {
  const all = elementsOf(root).map(({ element }) => element);
  const ids = all.flatMap((element) => ['ID', 'Id', 'id'].flatMap((name) => attributeOf(element, name) ?? []));
  if (new Set(ids).size !== ids.length) throw new SamlError('two of its elements have the same ID');
  const places = new Set<XmlElement>();
  for (const signature of all.filter(({ localName }) => localName === 'Signature')) {
    const place = signature.parentNode as XmlElement;
    if (signature.namespaceURI !== Namespaces.signature || !signed.includes(place) || places.has(place))
      throw new SamlError('a signature is not where one may be');
    places.add(place);
    checkSignature(signature, attributeOf(place, 'ID'));
  }
}

function checkSignature(signature: XmlElement, id: string | undefined): void {
  const inside = elementsOf(signature).map(({ element }) => element);
  const named = (name: string): XmlElement[] => inside.filter(({ localName }) => localName === name);
  for (const name of ['Object', 'Manifest', 'SignatureProperties', 'Signature'])
    if (named(name).some((each) => each !== signature)) throw new SamlError('a signature holds more than it may');
  const [signedInfo] = childrenOf(signature, Namespaces.signature, 'SignedInfo');
  const [reference] = signedInfo === undefined ? [] : childrenOf(signedInfo, Namespaces.signature, 'Reference');
  if (named('SignedInfo').length !== 1 || named('Reference').length !== 1 || reference === undefined)
    throw new SamlError('a signature must be of one element');
  if (id === undefined || !/^[\w.-]{1,256}$/.test(id) || attributeOf(reference, 'URI') !== `#${id}`)
    throw new SamlError('a signature is of another element than the one that it is in');
  for (const [name, allowed] of Object.entries(algorithms)) {
    const found = named(name);
    const used = found.map((each) => attributeOf(each, 'Algorithm') ?? '');
    if (used.some((each) => each.endsWith('sha1')))
      throw new SamlError('it is signed with SHA-1, which is refused: have it signed with SHA-256');
    if (used.some((each) => !allowed.includes(each)))
      throw new SamlError(`it is signed with a ${name} that is not taken: have it signed with RSA and SHA-256`);
    const most = name === 'Transform' ? 2 : 1;
    if (found.length > most || found.length === 0) throw new SamlError('a signature is not as it must be');
  }
}

function demandSignature(assertion: XmlElement): void {
  if (childrenOf(assertion, Namespaces.signature, 'Signature').length !== 1)
    throw new SamlError('the assertion itself must be signed: have the identity provider sign assertions');
}
