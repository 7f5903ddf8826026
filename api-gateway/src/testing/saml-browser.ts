import { inflateRawSync } from 'node:zlib';
import { expect } from '@jest/globals';
import { until } from '@osmo/kube/testing';
import { samlKeys } from './saml-keys.ts';
import { packed, responseXml, type Said, signed } from './saml-provider.ts';

export const entityID = 'https://idp.example/saml';

/** What a gateway's configuration says of that identity provider. */
export const samlConfiguration = [
  {
    name: 'idp',
    entityID,
    ssoURL: 'https://idp.example/sso',
    certificates: [samlKeys.certificate],
    claimMappings: { username: { claim: 'NameID', prefix: '' }, groups: { claim: 'groups', prefix: 'idp:' } },
  },
];

/** What a browser keeps of a login that was begun. */
export interface Begun {
  cookie: string;
  relayState: string;
  requestId: string;
}

/** A login that was begun at the gateway with this URL. */
export async function begun(gateway: string, path = ''): Promise<Begun> {
  const answer = await until(
    () => fetch(`${gateway}/api/auth/saml/idp/login${path}`, { redirect: 'manual' }),
    // The keys may still be on their way.
    ({ status }) => status === 303,
  );
  const location = new URL(answer.headers.get('location') ?? '');
  expect(`${location.origin}${location.pathname}`).toBe('https://idp.example/sso');
  const [line = ''] = answer.headers.getSetCookie();
  expect(line).toMatch(/; HttpOnly; SameSite=None; Secure$/);
  const request = inflateRawSync(Buffer.from(location.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
  return {
    cookie: line.split(';')[0] ?? '',
    relayState: location.searchParams.get('RelayState') ?? '',
    requestId: / ID="([^"]+)"/.exec(request)?.[1] ?? '',
  };
}

/** What the identity provider has a browser bring. */
export function responseTo(publicUrl: string, requestId: string, change: Partial<Said> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const acsUrl = `${publicUrl}/api/auth/saml/idp/acs`;
  return signed(
    responseXml({
      ...{ responseId: '_r', assertionId: '_a', issuer: entityID, acsUrl, recipient: acsUrl, requestId },
      ...{
        audience: `${publicUrl}/api/auth/saml/idp/metadata`,
        nameID: 'ada',
        nameFormat: 'persistent',
        status: 'Success',
      },
      ...{ now, notBefore: now - 60, notOnOrAfter: now + 300, attributes: { groups: ['lab'] } },
      ...change,
    }),
  );
}

/** Has a browser bring it to the gateway with this URL. */
export function bring(
  gateway: string,
  xml: string,
  { cookie, relayState }: Pick<Begun, 'cookie' | 'relayState'>,
): Promise<Response> {
  return fetch(`${gateway}/api/auth/saml/idp/acs`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, origin: 'https://idp.example', 'sec-fetch-site': 'cross-site' },
    body: new URLSearchParams({ SAMLResponse: packed(xml), RelayState: relayState }),
  });
}

/** The session's cookies of an answer, as a browser sends them. */
export const cookieOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => pair.startsWith('osmo-session'))
    .join('; ');
