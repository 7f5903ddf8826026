import type { XmlElement } from '@xmldom/xmldom';
import { Namespaces } from './namespaces.ts';
import { SamlError } from './saml-error.ts';
import { attributeOf, childrenOf, isNamed, readXml, textOf } from './xml.ts';

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const mostAttributes = 200;

/** What an assertion must say to be good here and now. */
export interface AssertionRules {
  entityID: string;
  audience: string;
  acsUrl: string;
  requestId: string;
  /** Seconds since 1970. */
  now: number;
  skewSeconds: number;
}

/** What an assertion says. */
export interface Asserted {
  nameID: string;
  /** Whether the name is made up for this login. */
  transient: boolean;
  /** By name; of several values a list. */
  attributes: Readonly<Record<string, string | readonly string[]>>;
  /** Seconds since 1970 until which the provider lets the session last; undefined: it doesn't say. */
  until?: number;
}

/**
 * What an assertion says, if it is for us, of this login, and of now (SAML 2.0 profiles, 4.1.4.2 and .3).
 *
 * @param xml the octets that were verified, nothing else
 * @throws SamlError
 */
export function readAssertion(xml: string, rules: AssertionRules): Asserted {
  const assertion = readXml(xml);
  if (!isNamed(assertion, Namespaces.assertion, 'Assertion') || attributeOf(assertion, 'Version') !== '2.0')
    throw new SamlError('it holds no assertion of SAML 2.0');
  if (textOf(only(assertion, 'Issuer')) !== rules.entityID)
    throw new SamlError('the assertion is of another identity provider (Issuer)');
  if (timeOf(assertion, 'IssueInstant') > rules.now + rules.skewSeconds)
    throw new SamlError('the assertion was made in the future; are the clocks right?');
  const subject = only(assertion, 'Subject');
  const nameID = only(subject, 'NameID');
  checkConfirmation(subject, rules);
  checkConditions(only(assertion, 'Conditions'), rules);
  const until = sessionEnd(childrenOf(assertion, Namespaces.assertion, 'AuthnStatement'), rules);
  return {
    nameID: textOf(nameID),
    transient: attributeOf(nameID, 'Format') === transient,
    attributes: attributesOf(assertion),
    ...(until !== undefined && { until }),
  };
}

function only(parent: XmlElement, name: string): XmlElement {
  const [first, ...others] = childrenOf(parent, Namespaces.assertion, name);
  if (first === undefined || others.length > 0) throw new SamlError(`the assertion must have one ${name}`);
  return first;
}

/** One of the confirmations must be by whoever bears it, for this address, of this login, and not too late. */
function checkConfirmation(subject: XmlElement, rules: AssertionRules): void {
  const problems: string[] = [];
  for (const confirmation of childrenOf(subject, Namespaces.assertion, 'SubjectConfirmation')) {
    if (attributeOf(confirmation, 'Method') !== bearer) continue;
    const [data] = childrenOf(confirmation, Namespaces.assertion, 'SubjectConfirmationData');
    const problem = data === undefined ? 'it says nothing of whom it is for' : confirmationProblem(data, rules);
    if (problem === undefined) return;
    problems.push(problem);
  }
  throw new SamlError(problems[0] ?? 'the assertion has no bearer confirmation');
}

function confirmationProblem(
  data: XmlElement,
  { acsUrl, requestId, now, skewSeconds }: AssertionRules,
): string | undefined {
  if (attributeOf(data, 'Recipient') !== acsUrl) return 'the assertion is for another address (Recipient)';
  if (attributeOf(data, 'InResponseTo') !== requestId) return 'the assertion answers another login (InResponseTo)';
  if (now >= timeOf(data, 'NotOnOrAfter') + skewSeconds) return 'the assertion has ended; sign in again';
  if (attributeOf(data, 'NotBefore') !== undefined && timeOf(data, 'NotBefore') > now + skewSeconds)
    return 'the assertion is not valid yet; are the clocks right?';
  return undefined;
}

function checkConditions(conditions: XmlElement, { audience, now, skewSeconds }: AssertionRules): void {
  if (attributeOf(conditions, 'NotBefore') !== undefined && timeOf(conditions, 'NotBefore') > now + skewSeconds)
    throw new SamlError('the assertion is not valid yet; are the clocks right?');
  if (attributeOf(conditions, 'NotOnOrAfter') !== undefined && now >= timeOf(conditions, 'NotOnOrAfter') + skewSeconds)
    throw new SamlError('the assertion has ended; sign in again');
  const restrictions = childrenOf(conditions, Namespaces.assertion, 'AudienceRestriction');
  const forUs = restrictions.every((each) =>
    childrenOf(each, Namespaces.assertion, 'Audience').some((one) => textOf(one) === audience),
  );
  if (restrictions.length === 0 || !forUs) throw new SamlError('the assertion is for somebody else (Audience)');
  // That it is used once holds here always; what it may be handed on to doesn't matter where it isn't.
  const known = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']);
  if (childrenOf(conditions).some((each) => each.namespaceURI !== Namespaces.assertion || !known.has(each.localName)))
    throw new SamlError('the assertion has a condition that is not known here');
}

function sessionEnd(statements: readonly XmlElement[], { now, skewSeconds }: AssertionRules): number | undefined {
  if (statements.length === 0)
    throw new SamlError('the assertion does not say that somebody signed in (AuthnStatement)');
  const ends = statements
    .filter((each) => attributeOf(each, 'SessionNotOnOrAfter') !== undefined)
    .map((each) => timeOf(each, 'SessionNotOnOrAfter'));
  const end = ends.length === 0 ? undefined : Math.min(...ends);
  if (end !== undefined && now >= end + skewSeconds)
    throw new SamlError('the session at the identity provider has ended; sign in again');
  return end;
}

function attributesOf(assertion: XmlElement): Record<string, string | readonly string[]> {
  const found = new Map<string, string[]>();
  const statements = childrenOf(assertion, Namespaces.assertion, 'AttributeStatement');
  for (const attribute of statements.flatMap((each) => childrenOf(each, Namespaces.assertion, 'Attribute'))) {
    const name = attributeOf(attribute, 'Name') ?? '';
    const values = childrenOf(attribute, Namespaces.assertion, 'AttributeValue').map(textOf);
    found.set(name, [...(found.get(name) ?? []), ...values]);
  }
  if (found.size > mostAttributes)
    throw new SamlError(`it has more than ${mostAttributes} attributes; have fewer sent`);
  return Object.fromEntries(
    [...found].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

/** A time of an attribute, in seconds since 1970: UTC, as SAML has it. */
function timeOf(element: XmlElement, name: string): number {
  const text = attributeOf(element, name) ?? '';
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(ms)) throw new SamlError(`the assertion has no good ${name}`);
  return ms / 1000;
}
