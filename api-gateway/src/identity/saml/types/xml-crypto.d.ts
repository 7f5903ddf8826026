/** What tests use of xml-crypto. Its own types bring those of browsers along, for all of the repository. */
export class SignedXml {
  constructor(options: { privateKey: string; publicCert?: string });
  signatureAlgorithm: string;
  canonicalizationAlgorithm: string;
  addReference(reference: { xpath: string; transforms: string[]; digestAlgorithm: string }): void;
  computeSignature(
    xml: string,
    options: { prefix?: string; location: { reference: string; action: 'append' | 'prepend' | 'before' | 'after' } },
  ): void;
  getSignedXml(): string;
}
