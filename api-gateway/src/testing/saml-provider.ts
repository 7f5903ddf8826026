import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { type SamlKeyPair, samlKeys } from './saml-keys.ts';

/** What an identity provider says in a response; times are seconds since 1970. */
export interface Said {
  responseId: string;
  assertionId: string;
  issuer: string;
  acsUrl: string;
  recipient: string;
  requestId: string;
  /** Of the subject's confirmation; absent: that of the response. */
  subjectRequestId?: string;
  audience: string;
  nameID: string;
  nameFormat: string;
  now: number;
  notBefore: number;
  notOnOrAfter: number;
  status: string;
  attributes: Readonly<Record<string, readonly string[]>>;
  /** More in `AuthnStatement`. */
  sessionEnd?: string;
  /** Put into `Conditions`. */
  condition?: string;
}

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
const urn = 'urn:oasis:names:tc:SAML:2.0';

/** A response with an assertion, neither of them signed. Texts go in as they are: they may hold XML. */
export function responseXml(said: Said): string {
  const { responseId, acsUrl, requestId, now, issuer, status } = said;
  return (
    `<samlp:Response xmlns:samlp="${urn}:protocol" xmlns:saml="${urn}:assertion" ID="${responseId}" Version="2.0" IssueInstant="${isoOf(now)}" ` +
    `Destination="${acsUrl}" InResponseTo="${requestId}"><saml:Issuer>${issuer}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="${urn}:status:${status}"/></samlp:Status>${assertionXml(said)}</samlp:Response>`
  );
}

export function assertionXml(said: Said): string {
  const {
    assertionId,
    issuer,
    recipient,
    requestId,
    subjectRequestId = requestId,
    audience,
    nameID,
    nameFormat,
  } = said;
  const { now, notBefore, notOnOrAfter, attributes, sessionEnd = '', condition = '' } = said;
  const values = Object.entries(attributes).map(
    ([name, texts]) =>
      `<saml:Attribute Name="${name}">${texts.map((text) => `<saml:AttributeValue>${text}</saml:AttributeValue>`).join('')}</saml:Attribute>`,
  );
  return (
    `<saml:Assertion xmlns:saml="${urn}:assertion" ID="${assertionId}" Version="2.0" IssueInstant="${isoOf(now)}"><saml:Issuer>${issuer}</saml:Issuer>` +
    `<saml:Subject><saml:NameID Format="${urn}:nameid-format:${nameFormat}">${nameID}</saml:NameID>` +
    `<saml:SubjectConfirmation Method="${urn}:cm:bearer"><saml:SubjectConfirmationData InResponseTo="${subjectRequestId}" ` +
    `NotOnOrAfter="${isoOf(notOnOrAfter)}" Recipient="${recipient}"/></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions NotBefore="${isoOf(notBefore)}" NotOnOrAfter="${isoOf(notOnOrAfter)}"><saml:AudienceRestriction>` +
    `<saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>${condition}</saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${isoOf(now)}"${sessionEnd}><saml:AuthnContext><saml:AuthnContextClassRef>` +
    `${urn}:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    `<saml:AttributeStatement>${values.join('')}</saml:AttributeStatement></saml:Assertion>`
  );
}

interface Signing {
  keys?: SamlKeyPair;
  /** What is signed; the assertion unless it says otherwise. */
  element?: 'Assertion' | 'Response';
  algorithm?: string;
  digest?: string;
}

/** The XML with a signature in the element that it is of. */
export function signed(
  xml: string,
  {
    keys = samlKeys,
    element = 'Assertion',
    algorithm = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    digest = 'http://www.w3.org/2001/04/xmlenc#sha256',
  }: Signing = {},
): string {
  const signer = new SignedXml({ privateKey: keys.privateKey, publicCert: keys.certificate });
  signer.signatureAlgorithm = algorithm;
  signer.canonicalizationAlgorithm = 'http://www.w3.org/2001/10/xml-exc-c14n#';
  const xpath = `//*[local-name(.)='${element}']`;
  signer.addReference({
    xpath,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
    digestAlgorithm: digest,
  });
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

/** The response with its assertion encrypted for a certificate, by AES-GCM and RSA-OAEP, or by another cipher that is named. */
export function encrypted(
  response: string,
  certificate: string,
  cipher = 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
): string {
  const [assertion = ''] = /<saml:Assertion.*<\/saml:Assertion>/s.exec(response) ?? [];
  const [secret, iv] = [randomBytes(32), randomBytes(12)];
  const sealer = createCipheriv('aes-256-gcm', secret, iv);
  const sealed = Buffer.concat([iv, sealer.update(assertion, 'utf8'), sealer.final(), sealer.getAuthTag()]);
  const key = createPublicKey(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }));
  const wrapped = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, secret);
  const value = (bytes: Buffer): string =>
    `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`;
  const data =
    '<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">' +
    `<xenc:EncryptionMethod Algorithm="${cipher}"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>` +
    `<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>${value(wrapped)}</xenc:EncryptedKey></ds:KeyInfo>` +
    `${value(sealed)}</xenc:EncryptedData></saml:EncryptedAssertion>`;
  return response.replace(assertion, () => data);
}

/** As a form has it. */
export const packed = (xml: string): string => Buffer.from(xml, 'utf8').toString('base64');
