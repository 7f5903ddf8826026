/** What is used of @node-saml/node-saml. Its own types bring those of browsers along, for all of the repository. */
export interface SamlOptions {
  idpCert: string[];
  issuer: string;
  callbackUrl: string;
  entryPoint: string;
  audience: false;
  identifierFormat: string | null;
  disableRequestedAuthnContext: boolean;
  wantAssertionsSigned: boolean;
  wantAuthnResponseSigned: boolean;
  /** -1: times are not looked at. */
  acceptedClockSkewMs: number;
  signatureAlgorithm: 'sha256';
  privateKey?: string;
  generateUniqueId: () => string;
}

export class SAML {
  constructor(options: SamlOptions);
  /** The address of the provider with a request for the redirect binding. */
  getAuthorizeUrlAsync(relayState: string, host: undefined, options: object): Promise<string>;
  /** Verifies the signatures of a response. @throws Error */
  validatePostResponseAsync(fields: {
    SAMLResponse: string;
  }): Promise<{ profile: { getAssertionXml(): string } | null; loggedOut: boolean }>;
}
