import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findInFile, findInObject, report, searchFor } from './findings.ts';
import { formsOf } from './forms.ts';
import { Search } from './search.ts';
import { valuesIn, valuesOfSecret } from './values.ts';

const secret = 'correct"horse battery/staple+é';
const where = 'the password of the test';
const search = searchFor([{ value: secret, where }]);
const finds = (text: string): boolean => search.hits(Buffer.from(text)).length > 0;

describe('a secret is found', () => {
  test.each<[string, string]>([
    ['as it is', `a line with ${secret} in it`],
    ['in JSON', JSON.stringify({ error: `refused: ${secret}` })],
    ['in JSON within JSON', JSON.stringify({ body: JSON.stringify({ password: secret }) })],
    ['in a URL', `https://example.com/?key=${encodeURIComponent(secret)}&x=1`],
    ['in a form', new URLSearchParams({ password: secret }).toString()],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['with a user, for basic authentication', Buffer.from(`user:${secret}`).toString('base64')],
    ['in a whole document in base64', Buffer.from(JSON.stringify({ pw: 'x', a: secret.slice(0) })).toString('base64')],
    ['in base64 of URLs', Buffer.from(`ab:${secret}:c`).toString('base64url')],
    ['in hexadecimal digits', Buffer.from(secret).toString('hex')],
  ])('%s', (how, text) => {
    // Of the document, JSON has changed the secret before it was encoded: that is a form of its own.
    const plain = how.includes('document')
      ? searchFor([{ value: JSON.stringify(secret).slice(1, -1), where }])
      : search;
    expect(plain.hits(Buffer.from(text))).not.toEqual([]);
  });

  test('whatever stands before and after it in base64', () => {
    const around = fc.tuple(
      fc.uint8Array({ maxLength: 20 }),
      fc.uint8Array({ minLength: 8, maxLength: 40 }),
      fc.uint8Array({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(around, ([before, value, after]) => {
        const word = Buffer.from(value).toString('hex');
        const text = Buffer.concat([before, Buffer.from(word), after]).toString('base64');
        expect(searchFor([{ value: word, where }]).hits(Buffer.from(text))).not.toEqual([]);
      }),
    );
  });
});

test('what is no secret is not found', () => {
  expect(finds('correct horse')).toBe(false);
  expect(formsOf('short')).toEqual([]);
  expect(searchFor([{ value: 'x', where }]).hits(Buffer.from('xxx'))).toEqual([]);
});

test('many needles are found where looking for each by itself finds them', () => {
  const letters = fc.array(fc.constantFrom('a', 'b'), { minLength: 4, maxLength: 7 }).map((all) => all.join(''));
  const texts = fc.array(fc.constantFrom('a', 'b', '\0'), { maxLength: 60 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.uniqueArray(letters, { maxLength: 6 }), texts, (words, text) => {
      const hits = new Search(words.map((word) => ({ bytes: Buffer.from(word), what: word }))).hits(Buffer.from(text));
      const naive = words.flatMap((what) =>
        text.split('').flatMap((_, at) => (text.startsWith(what, at) ? [{ at, what }] : [])),
      );
      expect(new Set(hits.map(({ at, what }) => `${at} ${what}`))).toEqual(
        new Set(naive.map(({ at, what }) => `${at} ${what}`)),
      );
      expect(hits.length).toBe(naive.length);
    }),
  );
});

describe('a finding names the place and not the value', () => {
  test('in a file, compressed or not', () => {
    const text = Buffer.from(`one\ntwo\nthree ${secret}\n`);
    const cut = Buffer.from(`${text.toString()}${'more\n'.repeat(1000)}`);
    for (const content of [text, gzipSync(text), gzipSync(cut).subarray(0, -10)]) {
      expect(findInFile(search, 'gateway.log', content)).toEqual([{ what: where, place: 'gateway.log:3' }]);
    }
  });

  test('in a file that only begins as a compressed one', () => {
    const content = Buffer.concat([Buffer.from([0x1f, 0x8b, 0x0a]), Buffer.from(secret)]);
    expect(findInFile(search, 'pack', content)).toEqual([{ what: where, place: 'pack:2' }]);
  });

  test('in an object', () => {
    const object = {
      kind: 'ConfigMap',
      metadata: { namespace: 'a', name: 'b', managedFields: [{ manager: secret }] },
      data: { key: Buffer.from(`user:${secret}`).toString('base64'), [secret]: 'x' },
    };
    const found = report(findInObject(search, object));
    expect(found).toEqual([
      `${where} is in ConfigMap a/b .data.*`,
      `${where} is in ConfigMap a/b .data.key`,
      `${where} is in ConfigMap a/b .metadata.managedFields[0].manager`,
    ]);
    expect(found.join('')).not.toContain(secret);
  });
});

describe('of what is kept as a secret', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  test('the values are looked for, and not what is public beside them', () => {
    const config = {
      auths: { 'registry.example': { username: 'robot-one', password: 'hunter-two-two', auth: base64('x:y') } },
    };
    const data = {
      'ca.crt': base64('public'),
      region: base64('eu-north-1'),
      access_key: base64(' a-secret-key\n'),
      '.dockerconfigjson': base64(JSON.stringify(config)),
    };
    expect(valuesOfSecret(data, 'Secret a/b')).toEqual([
      { value: 'a-secret-key', where: 'Secret a/b access_key' },
      { value: 'hunter-two-two', where: 'Secret a/b .dockerconfigjson.auths.registry.example.password' },
      { value: base64('x:y'), where: 'Secret a/b .dockerconfigjson.auths.registry.example.auth' },
    ]);
  });

  test('private keys and tokens count by what only they have', () => {
    const keys = [
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ];
    for (const { privateKey, publicKey } of keys) {
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const { d = '' } = privateKey.export({ format: 'jwk' });
      const ofKey = searchFor(valuesIn(pem, 'k'));
      for (const text of [pem, JSON.stringify({ pem }), d, Buffer.from(pem).toString('base64')]) {
        expect(ofKey.hits(Buffer.from(text))).not.toEqual([]);
      }
      // The public one is part of the other, and in certificates.
      expect(ofKey.hits(Buffer.from(publicPem))).toEqual([]);
      expect(valuesIn(publicPem, 'k')).toEqual([]);
    }
    const [head, body, signature] = [1, 2, 3].map(() => randomBytes(30).toString('base64url'));
    expect(valuesIn(`${head}.${body}.${signature}`, 't')).toEqual([{ value: signature, where: 't' }]);
    const kubeconfig = `apiVersion: v1\nkind: Config\nusers: [{ name: a, user: { token: kube-token-of-a } }]\n`;
    expect(valuesIn(kubeconfig, 'f')).toEqual([{ value: 'kube-token-of-a', where: 'f.users.user.token' }]);
    const jwk = { kty: 'oct', k: 'the-key-itself', kid: 'public-name' };
    expect(valuesIn(JSON.stringify({ keys: [jwk] }), 'j')).toEqual([{ value: 'the-key-itself', where: 'j.keys.k' }]);
  });
});
