import { createPrivateKey, randomBytes } from 'node:crypto';
import { SAML } from '@node-saml/node-saml';
import type { Clock } from '@osmo/kube';
import type { SamlConfig } from '../config/saml-config.ts';
import { beginSession, type Session } from '../session/session.ts';
import { readAssertion } from './assertion.ts';
import { decryptAssertion } from './decrypt.ts';
import { identityOfAssertion } from './identity.ts';
import { metadataOf } from './metadata.ts';
import { Namespaces } from './namespaces.ts';
import { checkDecrypted, checkResponse, decodeResponse } from './response.ts';
import { SamlError } from './saml-error.ts';

const usualSkewSeconds = 30;
/** Sessions of SAML are never asked about again; what ends them is their age. */
const neverAskedAgain = Number.MAX_SAFE_INTEGER;

/** What must be the same at the end of a login as at its beginning. */
export interface SamlAttempt {
  readonly provider: string;
  readonly requestId: string;
  readonly relayState: string;
  readonly returnTo: string;
}

export interface ServiceProviderOptions {
  config: SamlConfig;
  /** Of this gateway, as people reach it. */
  publicUrl: string;
  /** PEM of the key pair. */
  keyPair?: { privateKey: string; certificate: string } | undefined;
  clock: Clock;
}

/** Signs people in at a SAML 2.0 identity provider: requests by redirect, responses by POST. It is loaded only where there is one. */
export class ServiceProvider {
  readonly config: SamlConfig;
  readonly entityID: string;
  readonly acsUrl: string;
  readonly #options: ServiceProviderOptions;

  constructor(options: ServiceProviderOptions) {
    const { config, publicUrl } = options;
    const base = `${publicUrl}/api/auth/saml/${config.name}`;
    this.#options = options;
    this.config = config;
    this.acsUrl = `${base}/acs`;
    this.entityID = config.spEntityID ?? `${base}/metadata`;
  }

  /** For the identity provider's administrator: who this gateway is to it. */
  metadata(): string {
    const { entityID, acsUrl, config } = this;
    const certificate = this.#options.keyPair?.certificate;
    return metadataOf({ entityID, acsUrl, signsRequests: config.signRequests === true, certificate });
  }

  /** Where to send a browser, and what to keep until it comes back. */
  async begin(returnTo: string): Promise<{ location: string; attempt: SamlAttempt }> {
    const [requestId, relayState] = [`_${randomBytes(20).toString('hex')}`, randomBytes(20).toString('hex')];
    const location = await this.#saml(requestId).getAuthorizeUrlAsync(relayState, undefined, {});
    return { location, attempt: { provider: this.config.name, requestId, relayState, returnTo } };
  }

  /**
   * The session that comes of what a browser brings back. Whether the same was brought before isn't known here.
   *
   * @param field `SAMLResponse` of the form
   * @throws SamlError, ClaimError
   */
  async finish(field: string, { requestId }: SamlAttempt): Promise<Session> {
    const { config, acsUrl, entityID: audience } = this;
    const { clock, keyPair } = this.#options;
    const { entityID, clockSkewSeconds: skewSeconds = usualSkewSeconds } = config;
    const sent = checkResponse(decodeResponse(field), { entityID, acsUrl, requestId });
    let { xml } = sent;
    if (sent.encrypted) {
      const inside = decryptAssertion(sent.assertion, keyPair && createPrivateKey(keyPair.privateKey));
      checkDecrypted(inside);
      // As it would have been sent in the clear; a signature of the whole was of what was encrypted, and isn't asked for.
      xml = `<samlp:Response xmlns:samlp="${Namespaces.protocol}">${inside}</samlp:Response>`;
    }
    const verified = await this.#verified(xml);
    const now = Math.floor(clock.now().getTime() / 1000);
    const said = readAssertion(verified, { entityID, audience, acsUrl, requestId, now, skewSeconds });
    const identity = identityOfAssertion(said, config);
    const how = { subject: said.nameID, via: 'saml', provider: entityID, fresh: neverAskedAgain };
    return beginSession(identity, { ...how, ...(said.until !== undefined && { until: said.until }) }, now);
  }

  /** The assertion as its signature covers it: the octets that were signed, and nothing else of what was sent. */
  async #verified(xml: string): Promise<string> {
    try {
      const SAMLResponse = Buffer.from(xml, 'utf8').toString('base64');
      const { profile } = await this.#saml('_').validatePostResponseAsync({ SAMLResponse });
      if (profile !== null) return profile.getAssertionXml();
    } catch {
      // What is wrong with it is in words of whoever sent it.
    }
    throw new SamlError('its signature is wrong, or of a certificate that is not configured');
  }

  /** The library does what one doesn't do oneself: requests as they must be, and signatures. All else of a response is checked here. */
  #saml(requestId: string): SAML {
    const { config, acsUrl, entityID } = this;
    const { keyPair } = this.#options;
    return new SAML({
      idpCert: [...config.certificates],
      issuer: entityID,
      callbackUrl: acsUrl,
      entryPoint: config.ssoURL,
      audience: false,
      identifierFormat: config.nameIDFormat ?? null,
      disableRequestedAuthnContext: true,
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: false,
      acceptedClockSkewMs: -1,
      signatureAlgorithm: 'sha256',
      ...(config.signRequests === true && keyPair && { privateKey: keyPair.privateKey }),
      generateUniqueId: () => requestId,
    });
  }
}
