import { expect, test } from '@jest/globals';
import { accessTokenObjectName, userObjectName } from './index.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

test.each([
  ['ada', 'ada-fdee430d40'],
  ['ada@example.com', 'ada-example-com-'],
  ['https://idp.example.com#Ada Lovelace', 'https-idp-example-com-ada-lovelace-'],
  ['…', /^[0-9a-f]{10}$/],
  ['-ada-', 'ada-'],
  ['a'.repeat(256), `${'a'.repeat(40)}-`],
])('%s has an object whose name people can read', (user, want) => {
  const name = userObjectName(user);
  expect(name).toMatch(label);
  expect(name.length).toBeLessThanOrEqual(51);
  expect(name).toMatch(typeof want === 'string' ? new RegExp(`^${want}`) : want);
});

test('names that differ in what no object can bear stay apart', () => {
  const users = ['ada', 'Ada', 'a.da', 'a_da', 'a-da', 'ada '];
  expect(new Set(users.map(userObjectName)).size).toBe(users.length);
  const tokens = ['ci', 'CI', 'c_i', 'c-i'];
  expect(new Set(tokens.map((token) => accessTokenObjectName('ada', token))).size).toBe(tokens.length);
});

test('a token bears the name of its user', () => {
  const name = accessTokenObjectName('ada', 'Nightly_Runs');
  expect(name.split('.')).toEqual([userObjectName('ada'), expect.stringMatching(/^nightly-runs-[0-9a-f]{10}$/)]);
  expect(accessTokenObjectName('a'.repeat(256), 'x'.repeat(64)).length).toBeLessThanOrEqual(102);
});
