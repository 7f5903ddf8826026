import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Generation, readGeneration, signedByOwnAuthority } from './generation.ts';
import { issueGeneration } from './issue.ts';
import { bundleOf, type CertificateWorld, planCertificates, trusts } from './plan.ts';
import { defaultPolicy as policy } from './policy.ts';
import { secretData, storedGenerations } from './secret.ts';

const day = 24 * 3600 * 1000;
const start = new Date('2026-03-01T00:00:00Z');
const at = (ms: number): Date => new Date(start.getTime() + ms);
const names = ['osmo-webhooks.osmo-system.svc'];
let first: Generation;
let second: Generation;

beforeAll(async () => {
  first = await issueGeneration(names, policy, start);
  second = await issueGeneration(names, policy, at(60 * day));
});

const plan = (world: Partial<CertificateWorld>) =>
  planCertificates({ stored: {}, names, managed: true, bundles: [], policy, now: start, ...world });

describe('a certificate that was made', () => {
  test('is for the names that were asked for, serves and signs nothing, and is signed by its authority alone', () => {
    const leaf = new X509Certificate(first.certificate);
    expect(leaf.subjectAltName).toBe(`DNS:${names[0]}`);
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(new X509Certificate(first.ca).ca).toBe(true);
    expect(signedByOwnAuthority(first)).toBe(true);
    expect(signedByOwnAuthority({ ...first, ca: second.ca })).toBe(false);
  });
  test('is valid for machines whose clocks are a day behind', () => {
    const read = readGeneration(first);
    expect(read).toMatchObject({ notBefore: at(-day), notAfter: at(90 * day) });
  });
  test('keeps no key of its authority anywhere', () => {
    expect(Object.keys(secretData({ newest: first }))).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
  });
  test('comes back from the Secret as it was', () => {
    const data = secretData({ newest: second, previous: first });
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data };
    expect(storedGenerations(secret)).toEqual({ newest: second, previous: first });
    const { 'tls.key': _, ...rest } = data;
    expect(storedGenerations({ ...secret, data: rest })).toEqual({ previous: first });
  });
});

describe('what is there is used', () => {
  test('and looked at again when it is to be renewed, or after half a day', () => {
    expect(plan({ stored: { newest: first } })).toMatchObject({
      serve: { certificate: first.certificate },
      bundle: first.ca,
      wakeAt: at(day / 2),
    });
    const almost = at(60 * day - 3600_000);
    expect(plan({ stored: { newest: first }, now: almost }).wakeAt).toEqual(at(60 * day));
  });

  test.each<[string, () => Partial<CertificateWorld>, string]>([
    ['there is nothing', () => ({}), 'there is none'],
    ['it is about to run out', () => ({ stored: { newest: first }, now: at(60 * day) }), 'about to run out'],
    ['it has run out', () => ({ stored: { newest: first }, now: at(90 * day) }), 'has run out'],
    ['it is for another name', () => ({ stored: { newest: first }, names: ['a.b.svc'] }), 'not for a.b.svc'],
    ['the key is another’s', () => ({ stored: { newest: { ...first, key: second.key } } }), 'not the key'],
    ['the authority is another’s', () => ({ stored: { newest: { ...first, ca: second.ca } } }), 'not signed'],
    ['it is no certificate', () => ({ stored: { newest: { ...first, certificate: 'x' } } }), 'no certificate'],
    ['the key is none', () => ({ stored: { newest: { ...first, key: 'x' } } }), 'no private key'],
  ])('unless %s: then another is made', (_, world, why) => expect(plan(world()).issue).toContain(why));
});

describe('a renewal', () => {
  test('keeps the old certificate, which is served and trusted on', () => {
    expect(plan({ stored: { newest: first }, now: at(60 * day) })).toMatchObject({
      keep: { certificate: first.certificate },
      serve: { certificate: first.certificate },
      bundle: first.ca,
    });
  });
  test('makes both trusted at once, and serves the new one when everybody has had time to hear of it', () => {
    const stored = { newest: second, previous: first };
    const both = bundleOf([second, first]);
    const early = plan({ stored, bundles: [both, both], now: at(60 * day) });
    expect(early).toMatchObject({ serve: { certificate: first.certificate }, bundle: both });
    expect(early.wakeAt).toEqual(at(60 * day + policy.settleMs));
    const settled = at(60 * day + policy.settleMs);
    expect(plan({ stored, bundles: [both, both], now: settled }).serve?.certificate).toBe(second.certificate);
    // Somebody has written over one of them: it is mended first.
    expect(plan({ stored, bundles: [both, first.ca], now: settled }).serve?.certificate).toBe(first.certificate);
  });
  test('is over when the old one has run out: it is neither served nor trusted', () => {
    const done = plan({ stored: { newest: second, previous: first }, bundles: [''], now: at(95 * day) });
    expect(done).toMatchObject({ serve: { certificate: second.certificate }, bundle: second.ca });
  });
  test('that failed leaves what still works: a broken newest one is replaced under the previous one', () => {
    const broken = { ...second, key: first.key };
    expect(plan({ stored: { newest: broken, previous: first }, now: at(61 * day) })).toMatchObject({
      issue: expect.stringContaining('not the key'),
      keep: { certificate: first.certificate },
      serve: { certificate: first.certificate },
    });
  });

  test('at no moment of two years is a certificate served that a trustful apiserver does not know', async () => {
    let stored: { newest?: Generation; previous?: Generation } = {};
    let bundle = '';
    let renewals = 0;
    for (let hour = 0; hour < 2 * 365 * 24; hour += 6) {
      const now = at(hour * 3600_000);
      const { issue, keep, serve, bundle: wanted } = plan({ stored, bundles: [bundle], now });
      if (serve !== undefined && renewals > 1) expect(trusts(bundle, serve)).toBe(true);
      if (serve !== undefined) expect(serve.notAfter.getTime()).toBeGreaterThan(now.getTime());
      bundle = wanted ?? bundle;
      if (issue === undefined) continue;
      // oxlint-disable-next-line no-await-in-loop
      stored = { newest: await issueGeneration(names, policy, now), ...(keep && { previous: keep }) };
      renewals++;
    }
    expect(renewals).toBe(13);
  });
});

describe('cert-manager’s certificates', () => {
  test('are served as they come, and nothing is made or trusted here', () => {
    expect(plan({ managed: false, stored: { newest: second } })).toMatchObject({ serve: { key: second.key } });
    expect(plan({ managed: false, stored: { newest: second } })).not.toHaveProperty('bundle');
    const none = plan({ managed: false });
    expect(none).toMatchObject({ problem: 'it holds no certificate yet' });
    expect(none).not.toHaveProperty('issue');
  });
});
