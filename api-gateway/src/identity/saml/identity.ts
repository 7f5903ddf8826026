import type { SamlConfig } from '../config/saml-config.ts';
import type { Identity } from '../identity.ts';
import { ClaimError, identityOf } from '../oidc/claims.ts';
import type { Asserted } from './assertion.ts';

/** How the subject's name is called among the attributes. */
const nameClaim = 'NameID';

/**
 * Who an assertion is about: its attributes, and its subject as `NameID`, are read by the same rules as the claims of a token.
 *
 * @throws ClaimError
 */
export function identityOfAssertion(
  { nameID, transient, attributes }: Asserted,
  { claimMappings: { username, groups, email } }: SamlConfig,
): Identity {
  if (username.claim === nameClaim && transient)
    throw new ClaimError(
      'the NameID is made up for each login (transient): have another format sent, or name an attribute',
    );
  const claims: Readonly<Record<string, unknown>> = { ...attributes, [nameClaim]: nameID };
  const mappings = { username, ...(groups !== undefined && { groups }) };
  const identity: Identity = { ...identityOf(claims, { claimMappings: mappings }), method: 'saml' };
  const address = email === undefined ? undefined : claims[email.claim];
  return typeof address === 'string' && address.includes('@') ? { ...identity, email: address } : identity;
}
