import type { ClaimMapping, IssuerConfig } from '../config/auth-config.ts';
import type { Identity } from '../identity.ts';

/** Groups of one person, and letters of a name, at most: they are sent along with each request to the apiserver. */
const mostGroups = 500;
const longestName = 256;

/** A token that is genuine but says nobody who may come in; the message says which claim is wrong, not what it holds. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * Who a token of an issuer is about, by the rules of Kubernetes: the prefix and the claim make a name; nobody becomes who the cluster
 * itself is (`system:`), and an e-mail address is a name only where the issuer has verified it. Groups that can't be ones are left out.
 *
 * @throws ClaimError
 */
export function identityOf(
  claims: Claims,
  config: Pick<IssuerConfig, 'claimMappings' | 'claimValidationRules'>,
): Identity {
  for (const { claim, requiredValue } of config.claimValidationRules ?? []) {
    if (valueAt(claims, claim) !== requiredValue)
      throw new ClaimError(`the claim ${JSON.stringify(claim)} is not what this installation requires`);
  }
  const { username, groups } = config.claimMappings;
  const email = claims['email_verified'] === true ? textAt(claims, 'email') : undefined;
  return {
    user: userName(claims, username),
    groups: [...(groups === undefined ? [] : groupNames(claims, groups)), 'system:authenticated'],
    method: 'oidc',
    ...(email !== undefined && email.includes('@') && { email }),
  };
}

function userName(claims: Claims, { claim, prefix }: ClaimMapping): string {
  const value = textAt(claims, claim);
  if (value === undefined) throw new ClaimError(`the claim ${JSON.stringify(claim)}, which is the user, is not a text`);
  if (claim === 'email' && claims['email_verified'] !== undefined && claims['email_verified'] !== true)
    throw new ClaimError('the e-mail address is not verified by the identity provider');
  const name = `${prefix}${value}`;
  if (!isName(name))
    throw new ClaimError(
      `the claim ${JSON.stringify(claim)}, which is the user, is no name: 1 to ${longestName} letters, not beginning with 'system:'`,
    );
  return name;
}

/** One text is one group; of others, those that are texts. */
function groupNames(claims: Claims, { claim, prefix }: ClaimMapping): string[] {
  const value = valueAt(claims, claim);
  const texts = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
  const names = texts.filter((each) => each !== '').map((each) => `${prefix}${each}`);
  const unique = [...new Set(names.filter(isName))];
  if (unique.length > mostGroups)
    throw new ClaimError(`the claim ${JSON.stringify(claim)} has more than ${mostGroups} groups; have fewer sent`);
  return unique;
}

function isName(name: string): boolean {
  if (name === '' || name.length > longestName || name !== name.trim()) return false;
  // A lone half of a letter is written as another letter, and then it would be somebody else's name.
  // oxlint-disable-next-line no-control-regex
  return !/[\u0000-\u001f\u007f-\u009f]/.test(name) && name.isWellFormed() && !name.toLowerCase().startsWith('system:');
}

function textAt(claims: Claims, claim: string): string | undefined {
  const value = valueAt(claims, claim);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The claim of that name, else what is found by following its dots. */
function valueAt(claims: Claims, claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim];
  let value: unknown = claims;
  for (const part of claim.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Claims)[part];
  }
  return value;
}
