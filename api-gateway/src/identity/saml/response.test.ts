import { beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '@osmo/kube/testing';
import fc from 'fast-check';
import { otherSamlKeys, samlKeys } from '../../testing/saml-keys.ts';
import { assertionXml, encrypted, packed, responseXml, type Said, signed } from '../../testing/saml-provider.ts';
import type { SamlConfig } from '../config/saml-config.ts';
import { type SamlAttempt, ServiceProvider } from './service-provider.ts';

const config: SamlConfig = {
  name: 'idp',
  entityID: 'https://idp.example/saml',
  ssoURL: 'https://idp.example/sso?tenant=1',
  certificates: [otherSamlKeys.certificate, samlKeys.certificate],
  claimMappings: {
    username: { claim: 'NameID', prefix: '' },
    groups: { claim: 'groups', prefix: 'idp:' },
    email: { claim: 'mail' },
  },
};
const trusting = (certificate: string): SamlConfig => ({ ...config, certificates: [certificate] });
const acsUrl = 'https://osmo.example/api/auth/saml/idp/acs';

let clock: FakeClock;
let provider: ServiceProvider;
let attempt: SamlAttempt;
let said: Said;

const providerWith = (own: Partial<SamlConfig> = {}, keyPair = true): ServiceProvider =>
  new ServiceProvider({
    config: { ...trusting(samlKeys.certificate), ...own },
    publicUrl: 'https://osmo.example',
    clock,
    keyPair: keyPair ? { privateKey: otherSamlKeys.privateKey, certificate: otherSamlKeys.certificate } : undefined,
  });
const finish = (xml: string, by = provider) => by.finish(packed(xml), attempt);
const refusal = async (xml: string, by = provider): Promise<string> => {
  try {
    await finish(xml, by);
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

beforeEach(async () => {
  clock = new FakeClock('2026-03-01T12:00:00Z');
  provider = providerWith();
  ({ attempt } = await provider.begin('/ui'));
  const now = clock.now().getTime() / 1000;
  said = {
    responseId: '_response',
    assertionId: '_assertion',
    issuer: config.entityID,
    acsUrl,
    recipient: acsUrl,
    requestId: attempt.requestId,
    audience: 'https://osmo.example/api/auth/saml/idp/metadata',
    nameID: 'ada@example.com',
    nameFormat: 'persistent',
    now,
    notBefore: now - 60,
    notOnOrAfter: now + 300,
    status: 'Success',
    attributes: { groups: ['lab', 'system:masters'], mail: ['ada@mail.example'], role: ['one'] },
  };
});

describe('a login', () => {
  test('is asked for by redirect, for an answer by POST, signed where that is set up', async () => {
    const signing = providerWith({
      signRequests: true,
      nameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    });
    const { location, attempt: begun } = await signing.begin('/ui');
    const url = new URL(location);
    expect(`${url.origin}${url.pathname}`).toBe('https://idp.example/sso');
    expect(url.searchParams.get('tenant')).toBe('1');
    expect(url.searchParams.get('RelayState')).toBe(begun.relayState);
    const { inflateRawSync } = await import('node:zlib');
    const request = inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
    expect(request).toContain(`ID="${begun.requestId}"`);
    expect(request).toContain(`AssertionConsumerServiceURL="${acsUrl}"`);
    expect(request).toContain('ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"');
    const { createVerify } = await import('node:crypto');
    const covered = /SAMLRequest=[^&]*&RelayState=[^&]*&SigAlg=[^&]*/.exec(url.search)?.[0] ?? '';
    const signature = url.searchParams.get('Signature') ?? '';
    expect(createVerify('RSA-SHA256').update(covered).verify(otherSamlKeys.certificate, signature, 'base64')).toBe(
      true,
    );
    expect(url.searchParams.get('SigAlg')).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
  });
  test('two have nothing in common', async () => {
    const { attempt: other } = await provider.begin('/ui');
    expect(other.requestId).not.toBe(attempt.requestId);
    expect(other.relayState).not.toBe(attempt.relayState);
  });
  test('is of whom a signed assertion says, with the groups that can be ones', async () => {
    const now = clock.now().getTime() / 1000;
    expect(await finish(signed(responseXml(said)))).toMatchObject({
      user: 'ada@example.com',
      groups: ['idp:lab', 'idp:system:masters', 'system:authenticated'],
      email: 'ada@mail.example',
      subject: 'ada@example.com',
      via: 'saml',
      provider: config.entityID,
      started: now,
    });
  });
  test.each<[string, () => string]>([
    ['signed twice', () => signed(signed(responseXml(said)), { element: 'Response' })],
    [
      'signed with SHA-512',
      () =>
        signed(responseXml(said), {
          algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
          digest: 'http://www.w3.org/2001/04/xmlenc#sha512',
        }),
    ],
    ['after an XML declaration', () => `<?xml version="1.0" encoding="UTF-8"?>\n${signed(responseXml(said))}`],
    ['encrypted', () => encrypted(signed(responseXml(said)), otherSamlKeys.certificate)],
    [
      'encrypted and signed in whole',
      () => signed(encrypted(signed(responseXml(said)), otherSamlKeys.certificate), { element: 'Response' }),
    ],
    ['with letters beyond ASCII', () => signed(responseXml({ ...said, attributes: { role: ['ä&amp;&lt;'] } }))],
  ])('is taken %s', async (_, make) => expect(await refusal(make())).toBe('taken'));
  test('is taken by each of the certificates while they change', async () => {
    const both = providerWith({ certificates: config.certificates });
    expect(await refusal(signed(responseXml(said)), both)).toBe('taken');
    expect(await refusal(signed(responseXml(said), { keys: otherSamlKeys }), both)).toBe('taken');
  });
  test('has a name of an attribute, where that is configured, and one value of it', async () => {
    const named = providerWith({
      claimMappings: { username: { claim: 'http://x.example/claims.name', prefix: 'saml:' } },
    });
    const attributes = (values: string[]) => ({ ...said, attributes: { 'http://x.example/claims.name': values } });
    expect(await finish(signed(responseXml(attributes(['ada']))), named)).toMatchObject({ user: 'saml:ada' });
    expect(await refusal(signed(responseXml(attributes(['ada', 'root']))), named)).toContain('is not a text');
    expect(await refusal(signed(responseXml(said)), named)).toContain('is not a text');
  });
  test('is of nobody whom the provider makes up for each login, nor of the cluster itself', async () => {
    expect(await refusal(signed(responseXml({ ...said, nameFormat: 'transient' })))).toContain(
      'made up for each login',
    );
    expect(await refusal(signed(responseXml({ ...said, nameID: 'system:admin' })))).toContain(
      "not beginning with 'system:'",
    );
  });
  test('lasts no longer than the provider lets it', async () => {
    const sessionEnd = ` SessionNotOnOrAfter="${new Date((said.now + 600) * 1000).toISOString()}"`;
    expect(await finish(signed(responseXml({ ...said, sessionEnd })))).toMatchObject({ until: said.now + 600 });
    clock.advance(100_000);
    expect((await finish(signed(responseXml({ ...said, sessionEnd })))).until).toBe(said.now + 600);
  });
});

describe('an assertion is refused', () => {
  test.each<[string, Partial<Said> | (() => Partial<Said>), string]>([
    ['that has ended', () => ({ notOnOrAfter: said.now - 31 }), 'has ended'],
    ['of later', () => ({ notBefore: said.now + 31 }), 'not valid yet'],
    ['made in the future', () => ({ now: said.now + 31, notBefore: said.now }), 'in the future'],
    ['for somebody else', { audience: 'https://other.example' }, 'for somebody else'],
    ['for another address', { recipient: 'https://evil.example/acs' }, 'Recipient'],
    ['in a response for another address', { acsUrl: 'https://evil.example/acs' }, 'Destination'],
    ['of another login', { requestId: '_other' }, 'answers another login'],
    ['of another login than its response says', { subjectRequestId: '_other' }, 'answers another login'],
    ['of another provider', { issuer: 'https://other.example' }, 'another identity provider'],
    ['of a login that failed', { status: 'Responder' }, 'answered Responder'],
    [
      'with a condition of its own',
      { condition: '<saml:Condition xmlns:x="urn:x" x:type="x"/>' },
      'a condition that is not known',
    ],
    ['whose session has ended', { sessionEnd: ' SessionNotOnOrAfter="2026-03-01T11:00:00Z"' }, 'has ended'],
    ['whose times are none', { sessionEnd: ' SessionNotOnOrAfter="later"' }, 'no good SessionNotOnOrAfter'],
  ])('%s', async (_, change, problem) => {
    const changes = typeof change === 'function' ? change() : change;
    expect(await refusal(signed(responseXml({ ...said, ...changes })))).toContain(problem);
  });
  test('only beyond the seconds by which clocks may differ', async () => {
    expect(await refusal(signed(responseXml({ ...said, notOnOrAfter: said.now - 29 })))).toBe('taken');
    expect(await refusal(signed(responseXml({ ...said, notBefore: said.now + 29 })))).toBe('taken');
    const strict = providerWith({ clockSkewSeconds: 0 });
    expect(await refusal(signed(responseXml({ ...said, notOnOrAfter: said.now - 1 })), strict)).toContain('has ended');
  });
  test.each<[string, () => string, string]>([
    ['without a signature', () => responseXml(said), 'must be signed'],
    [
      'in a response that is signed when it itself isn’t',
      () => signed(responseXml(said), { element: 'Response' }),
      'must be signed',
    ],
    ['encrypted without a signature', () => encrypted(responseXml(said), otherSamlKeys.certificate), 'must be signed'],
    [
      'signed by somebody else',
      () => signed(responseXml(said), { keys: otherSamlKeys }),
      'of a certificate that is not configured',
    ],
    [
      'encrypted, signed by somebody else',
      () => encrypted(signed(responseXml(said), { keys: otherSamlKeys }), otherSamlKeys.certificate),
      'of a certificate that is not configured',
    ],
    [
      'encrypted for somebody else',
      () => encrypted(signed(responseXml(said)), samlKeys.certificate),
      'can not be decrypted',
    ],
    [
      'encrypted in a way that nobody notices changes of',
      () =>
        encrypted(signed(responseXml(said)), otherSamlKeys.certificate, 'http://www.w3.org/2001/04/xmlenc#aes256-cbc'),
      'AES-GCM',
    ],
    [
      'signed with SHA-1',
      () => signed(responseXml(said), { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }),
      'SHA-1',
    ],
    [
      'with a digest of SHA-1',
      () => signed(responseXml(said), { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' }),
      'SHA-1',
    ],
    [
      'that was changed',
      () => signed(responseXml(said)).replace('>ada@example.com<', '>eve@example.com<'),
      'signature is wrong',
    ],
    [
      'with a comment in its name',
      () =>
        signed(responseXml({ ...said, nameID: 'ada@example.com.evil.example' })).replace(
          'ada@example.com.evil',
          'ada@example.com<!-- -->.evil',
        ),
      'a comment',
    ],
    [
      'that was signed with a comment in its name',
      () => signed(responseXml({ ...said, nameID: 'ada@example.com<!-- -->.evil.example' })),
      'a comment',
    ],
    [
      'with a document type',
      () => `<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>${signed(responseXml(said))}`,
      'a document type',
    ],
    [
      'with entities in entities',
      () =>
        `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>${signed(responseXml(said)).replace('>lab<', '>&b;<')}`,
      'a document type',
    ],
    [
      'with an entity that nobody declared',
      () => signed(responseXml(said)).replace('>lab<', '>&b;<'),
      'no well-formed XML',
    ],
    [
      'with an instruction',
      () => signed(responseXml(said)).replace('<samlp:Status>', '<?x y?><samlp:Status>'),
      'instruction',
    ],
    [
      'whose elements have no end',
      () => responseXml({ ...said, nameID: '<a>' }).replace('</samlp:Response>', ''),
      'no well-formed XML',
    ],
    [
      'with elements deep in one another',
      () => responseXml({ ...said, nameID: `${'<a>'.repeat(100)}${'</a>'.repeat(100)}` }),
      'too deep',
    ],
    ['with very many elements', () => responseXml({ ...said, nameID: '<a/>'.repeat(5000) }), 'too many elements'],
    ['that is very long', () => responseXml({ ...said, nameID: 'x'.repeat(300_000) }), 'too long'],
    ['of another version', () => signed(responseXml(said)).replace('Version="2.0"', 'Version="1.1"'), 'SAML 2.0'],
    ['in something else', () => assertionXml(said), 'no SAML response'],
  ])('%s', async (_, make, problem) => expect(await refusal(make())).toContain(problem));
  test('that is encrypted where nobody can decrypt it', async () =>
    expect(
      await refusal(encrypted(signed(responseXml(said)), samlKeys.certificate), providerWith({}, false)),
    ).toContain('no keyPair'));
});

describe('a signature that is of something else than what is read', () => {
  /** The parts of a good response of mallory, whom the provider knows too: its assertion without the signature, and the signature. */
  const parts = () => {
    const xml = signed(responseXml({ ...said, nameID: 'mallory@example.com' }));
    const [assertion = ''] = /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml) ?? [];
    const [signature = ''] = /<ds:Signature.*<\/ds:Signature>/s.exec(xml) ?? [];
    const bare = assertion.replace(signature, '');
    const evil = bare.replace('ID="_assertion"', 'ID="_evil"').replace('mallory@', 'ada@');
    return { xml, assertion, signature, bare, evil };
  };
  const responseParts = () => {
    const xml = signed(responseXml({ ...said, nameID: 'mallory@example.com' }), { element: 'Response' });
    const [signature = ''] = /<ds:Signature.*<\/ds:Signature>/s.exec(xml) ?? [];
    const bare = xml.replace(signature, '');
    return { xml, signature, bare };
  };
  const evilResponse = (bare: string): string =>
    bare.replace('ID="_response"', 'ID="_evilresponse"').replace('mallory@', 'ada@');
  const within = (signature: string, inside: string): string =>
    signature.replace('</ds:Signature>', `<ds:Object>${inside}</ds:Object></ds:Signature>`);

  test('the parts are good where they belong', async () => expect(await refusal(parts().xml)).toBe('taken'));
  test.each<[string, () => string]>([
    [
      'XSW1: the signed response in the signature of a changed one',
      () => {
        const { signature, bare } = responseParts();
        return evilResponse(bare).replace(
          '</saml:Issuer><samlp:Status>',
          () => `</saml:Issuer>${within(signature, bare)}<samlp:Status>`,
        );
      },
    ],
    [
      'XSW2: the signed response beside its signature, in a changed one',
      () => {
        const { signature, bare } = responseParts();
        return evilResponse(bare).replace(
          '</saml:Issuer><samlp:Status>',
          () => `</saml:Issuer>${bare}${signature}<samlp:Status>`,
        );
      },
    ],
    [
      'XSW3: a changed assertion before the signed one',
      () => {
        const { xml, assertion, evil } = parts();
        return xml.replace(assertion, () => `${evil}${assertion}`);
      },
    ],
    [
      'XSW4: the signed assertion in a changed one',
      () => {
        const { xml, assertion, evil } = parts();
        return xml.replace(assertion, () => evil.replace('</saml:Assertion>', () => `${assertion}</saml:Assertion>`));
      },
    ],
    [
      'XSW5: a changed assertion with the signature, the signed one at the end',
      () => {
        const { xml, assertion, signature, bare, evil } = parts();
        return xml.replace(
          assertion,
          () => `${evil.replace('</saml:Issuer>', () => `</saml:Issuer>${signature}`)}${bare}`,
        );
      },
    ],
    [
      'XSW6: the signed assertion in the signature of a changed one',
      () => {
        const { xml, assertion, signature, bare, evil } = parts();
        return xml.replace(assertion, () =>
          evil.replace('</saml:Issuer>', () => `</saml:Issuer>${within(signature, bare)}`),
        );
      },
    ],
    [
      'XSW7: a changed assertion in extensions before the signed one',
      () => {
        const { xml, assertion, evil } = parts();
        return xml.replace(assertion, () => `<samlp:Extensions>${evil}</samlp:Extensions>${assertion}`);
      },
    ],
    [
      'XSW8: the signed assertion in an object of the signature of a changed one',
      () => {
        const { xml, assertion, signature, bare, evil } = parts();
        const object = signature.replace('</ds:Signature>', () => `<ds:Object>${bare}</ds:Object></ds:Signature>`);
        return xml.replace(assertion, () => evil.replace('</saml:Issuer>', () => `</saml:Issuer>${object}`));
      },
    ],
    [
      'the same ID twice',
      () => {
        const { xml, assertion, evil } = parts();
        return xml.replace(assertion, () => `${evil.replace('_evil', '_assertion')}${assertion}`);
      },
    ],
    ['the same ID at another element', () => parts().xml.replace('<samlp:Status>', '<samlp:Status ID="_assertion">')],
    [
      'a changed assertion in another namespace',
      () => {
        const { xml, assertion, evil } = parts();
        return xml.replace(
          assertion,
          () => `${evil.replaceAll('saml:', 'x:').replaceAll('xmlns:saml', 'xmlns:x')}${assertion}`,
        );
      },
    ],
    ['the whole document instead of the assertion', () => parts().xml.replace('URI="#_assertion"', 'URI=""')],
    ['a second reference', () => parts().xml.replace(/(<ds:Reference .*<\/ds:Reference>)/s, '$1$1')],
    [
      'a transform that cuts something out',
      () =>
        parts().xml.replace(
          'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
          'http://www.w3.org/TR/1999/REC-xpath-19991116',
        ),
    ],
    ['a shared secret', () => parts().xml.replace('xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256')],
    ['a digest twice', () => parts().xml.replace(/(<ds:DigestValue>)/, '<ds:DigestValue>AAAA</ds:DigestValue>$1')],
  ])('%s is refused', async (_, make) => {
    const xml = make();
    expect(xml).not.toBe(parts().xml);
    expect(await refusal(xml)).not.toBe('taken');
    // Nor is it where a library would be all that looks at it: what is verified is what is read.
    const session = await finish(xml).catch(() => undefined);
    expect(session?.user).not.toBe('ada@example.com');
  });
});

test('whatever is sent is taken or refused in our own words; nothing breaks, and nobody else comes in', async () => {
  const good = signed(responseXml(said));
  const cut = fc.tuple(
    fc.nat(good.length),
    fc.nat(200),
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('<!--x-->', '<a>', '&x;', ']]>', '"', '<![CDATA[x]]>', ' ID="_assertion"', good.slice(300, 900)),
    ),
  );
  const seed = Number(process.env['OSMO_TEST_SEED'] ?? 12);
  await fc.assert(
    fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 4 }), fc.boolean(), async (cuts, raw) => {
      const xml = cuts.reduce(
        (text, [at, length, put]) => `${text.slice(0, at)}${put}${text.slice(at + length)}`,
        good,
      );
      const field = raw ? `${packed(good).slice(0, cuts[0]?.[0])}${cuts[0]?.[2]}` : packed(xml);
      try {
        expect((await provider.finish(field, attempt)).user).toBe('ada@example.com');
      } catch (error) {
        expect((error as Error).name).toMatch(/^(SamlError|ClaimError)$/);
      }
    }),
    { seed, numRuns: Number(process.env['OSMO_RUNS'] ?? 300) },
  );
});

test('metadata tell an administrator what to enter', () => {
  const text = providerWith({ signRequests: true }).metadata();
  expect(text).toContain('entityID="https://osmo.example/api/auth/saml/idp/metadata"');
  expect(text).toContain(`Location="${acsUrl}"`);
  expect(text).toContain('AuthnRequestsSigned="true" WantAssertionsSigned="true"');
  expect(text.match(/<ds:X509Certificate>MII/g)).toHaveLength(2);
  expect(providerWith({ spEntityID: 'a&"<b>' }, false).metadata()).toContain('entityID="a&#38;&#34;&#60;b&#62;"');
});
