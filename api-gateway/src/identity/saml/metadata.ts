import { Namespaces } from './namespaces.ts';

interface Described {
  entityID: string;
  acsUrl: string;
  signsRequests: boolean;
  /** PEM, of its key for signing and decrypting; absent: it has none. */
  certificate?: string | undefined;
}

/** What an identity provider has to know of the gateway, as SAML metadata. */
export function metadataOf({ entityID, acsUrl, signsRequests, certificate }: Described): string {
  const base64 = certificate?.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  const keys = (base64 === undefined ? [] : [...(signsRequests ? ['signing'] : []), 'encryption']).map(
    (use) =>
      `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>` +
      (use === 'signing' ? '' : '<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>') +
      '</md:KeyDescriptor>',
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="${Namespaces.signature}" entityID="${escaped(entityID)}">
<md:SPSSODescriptor AuthnRequestsSigned="${signsRequests}" WantAssertionsSigned="true" protocolSupportEnumeration="${Namespaces.protocol}">
${keys.map((key) => `${key}\n`).join('')}<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${escaped(acsUrl)}" index="0" isDefault="true"/>
</md:SPSSODescriptor>
</md:EntityDescriptor>
`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0) ?? 32};`);
}
