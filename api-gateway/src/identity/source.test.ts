import { expect, test } from '@jest/globals';
import { sourceOf } from './source.ts';

const trusted = (address: string): boolean => address.startsWith('10.');
const from = (remoteAddress: string | undefined, forwarded?: string | string[]): string =>
  sourceOf({ remoteAddress, headers: { 'x-forwarded-for': forwarded } }, trusted);

test.each([
  ['the peer', from('192.0.2.7'), '192.0.2.7'],
  ['the peer in IPv6 clothes', from('::ffff:192.0.2.7'), '192.0.2.7'],
  ['a peer that is no trusted proxy, whatever it says', from('192.0.2.7', '198.51.100.1'), '192.0.2.7'],
  ['whom a trusted proxy names', from('10.0.0.1', '198.51.100.1'), '198.51.100.1'],
  ['through several proxies', from('10.0.0.1', '198.51.100.1, 10.0.0.2'), '198.51.100.1'],
  ['the one before the proxies, not what it claims itself', from('10.0.0.1', '1.2.3.4, 198.51.100.1'), '198.51.100.1'],
  ['in several headers', from('10.0.0.1', ['1.2.3.4', '198.51.100.1']), '198.51.100.1'],
  ['as far as it is readable', from('10.0.0.1', '198.51.100.1, unknown, 10.0.0.2'), '10.0.0.2'],
  ['the proxy when it names nobody', from('10.0.0.1'), '10.0.0.1'],
  ['nobody', from(undefined, '198.51.100.1'), ''],
])('the source is %s', (_, source, want) => {
  expect(source).toBe(want);
});
