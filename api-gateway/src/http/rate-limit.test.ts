import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '@osmo/kube/testing';
import { addressKey, rateLimit } from './rate-limit.ts';

describe('an address counts', () => {
  test.each([
    ['192.0.2.7', 'address 192.0.2.7'],
    ['::ffff:192.0.2.7', 'address 192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', 'address 2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', 'address 2001:db8:1:2::/64'],
    ['2001:DB8:1:0002:ffff::', 'address 2001:db8:1:2::/64'],
    ['2001:db8::1', 'address 2001:db8:0:0::/64'],
    ['::1', 'address 0:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', 'address 64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'address fe80:0:0:0::/64'],
    ['', 'address '],
  ])('%s as %s', (address, key) => expect(addressKey(address)).toBe(key));

  test('as its network where somebody has very many: another of it doesn’t begin anew', () => {
    const limit = rateLimit(new FakeClock(), 1, 2);
    limit.take(addressKey('2001:db8::1'));
    limit.take(addressKey('2001:db8::2'));
    expect(() => limit.take(addressKey('2001:db8::3'))).toThrow('slow down');
    limit.take(addressKey('2001:db8:0:1::3'));
  });
});
