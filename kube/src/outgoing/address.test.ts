import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isWithin, parseAddress, parseNetwork } from './address.ts';
import { DestinationError, Destinations } from './destinations.ts';
import { proxyChoice, proxyFromEnvironment } from './proxy.ts';
import { specialUse } from './special.ts';

const use = (text: string): string | undefined => {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return specialUse(address);
};

describe('addresses', () => {
  test.each([
    ['0.0.0.0', 'an address of "this network"'],
    ['127.0.0.1', 'a loopback address'],
    ['127.255.255.254', 'a loopback address'],
    ['10.0.0.1', 'a private address'],
    ['172.16.0.1', 'a private address'],
    ['172.31.255.255', 'a private address'],
    ['192.168.1.1', 'a private address'],
    ['100.64.0.1', 'shared address space'],
    ['100.100.100.200', 'shared address space'],
    ['169.254.169.254', 'link-local'],
    ['168.63.129.16', 'cloud’s own services'],
    ['192.0.0.192', 'a reserved address'],
    ['198.19.255.255', 'benchmarks'],
    ['203.0.113.7', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'a reserved address'],
    ['::', 'the unspecified address'],
    ['::1', 'a loopback address'],
    ['[::1]', 'a loopback address'],
    ['::ffff:127.0.0.1', 'a loopback address'],
    ['::ffff:7f00:1', 'a loopback address'],
    ['::ffff:a9fe:a9fe', 'link-local'],
    ['0:0:0:0:0:ffff:10.0.0.1', 'a private address'],
    ['::127.0.0.1', 'a reserved address'],
    ['64:ff9b::10.0.0.1', 'a private address'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['64:ff9b:1::a9fe:a9fe', 'a reserved address'],
    ['fe80::1', 'link-local'],
    ['fc00::1', 'a private address'],
    ['fd00:ec2::254', 'a private address'],
    ['fec0::1', 'a reserved address'],
    ['ff02::1', 'multicast'],
    ['2001::1', 'a reserved address (Teredo and others)'],
    ['2002:7f00:1::', 'a 6to4 address'],
    ['2001:db8::1', 'documentation'],
    ['100::1', 'a reserved address'],
    ['4000::1', 'a reserved address'],
  ])('%s is %s', (text, name) => {
    expect(use(text)).toContain(name);
  });

  test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '169.253.255.255', '192.0.1.1', '198.20.0.1'])(
    '%s is public',
    (text) => {
      expect(use(text)).toBeUndefined();
    },
  );

  test.each(['2606:4700:4700::1111', '2a00:1450:4001:82a::200e', '64:ff9b::808:808', '::ffff:1.1.1.1'])(
    '%s is public',
    (text) => {
      expect(use(text)).toBeUndefined();
    },
  );

  test.each(['', '1.2.3', '1.2.3.4.5', '01.2.3.4', '256.1.1.1', '0x7f.0.0.1', '2130706433', ':', ':::', '1::2::3'])(
    '%j is no address',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  test.each(['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8', '::fffff', 'fe80::1%eth0', '::1.2.3', '[::1'])(
    '%j is no address',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  test('networks hold what they hold for Node', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), (of, text, length) => {
        const [base, address] = [parseAddress(of), parseAddress(text)];
        if (base === undefined || address === undefined) throw new Error(`${of} or ${text} was not read`);
        const bits = base.version === 4 ? 32 : 128;
        const prefix = Math.min(length, bits);
        const shift = BigInt(bits - prefix);
        const list = new BlockList();
        // Of IPv4 within IPv6, the prefix counts from the start of the longer one.
        if (isIPv4(of)) list.addSubnet(of, prefix, 'ipv4');
        else list.addSubnet(of, prefix + (base.version === 4 ? 96 : 0), 'ipv6');
        const network = { ...base, value: (base.value >> shift) << shift, prefix };
        expect(isWithin(base, network)).toBe(true);
        if (isIPv6(of) === isIPv6(text) && base.version === address.version) {
          expect(isWithin(address, network)).toBe(list.check(text, isIPv4(text) ? 'ipv4' : 'ipv6'));
        }
      }),
    );
  });

  test('what is no address to Node is none here', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('0', '1', 'f', '255', ':', '::', '.', 'g', '/'), { maxLength: 18 }),
        (parts) => {
          const text = parts.join('');
          expect(parseAddress(text) !== undefined).toBe(isIPv4(text) || isIPv6(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('networks', () => {
    expect(parseNetwork('10.0.0.0/8')).toEqual({ version: 4, value: 10n << 24n, prefix: 8 });
    expect(parseNetwork('::ffff:10.0.0.0/104')).toEqual({ version: 4, value: 10n << 24n, prefix: 8 });
    expect(parseNetwork('10.0.0.1')).toMatchObject({ prefix: 32 });
    for (const wrong of [
      '10.0.0.1/8',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      'a/8',
      '::/129',
      '::ffff:10.0.0.0/8',
    ]) {
      expect([wrong, parseNetwork(wrong)]).toEqual([wrong, undefined]);
    }
  });
});

describe('destinations', () => {
  const list = new Destinations(['10.0.0.0/8', 'fd00::/8', 'hooks.example.com', '*.corp.example', 'localhost']);

  test.each([
    ['10.9.9.9', true],
    ['[fd00::1]', true],
    ['11.0.0.1', false],
    ['hooks.example.com', true],
    ['HOOKS.example.com.', true],
    ['a.hooks.example.com', false],
    ['a.b.corp.example', true],
    ['corp.example', false],
    ['evilcorp.example', false],
    ['localhost', true],
  ])('%s: %s', (host, want) => {
    expect(list.hasHost(host)).toBe(want);
  });

  test.each(['', '10.0.0.1/8', '300.1.1.1', 'https://example.com', 'a b', '*', 'a.*.b', '-a', 'example.com:443'])(
    '%j is refused',
    (entry) => {
      expect(() => new Destinations([entry])).toThrow(DestinationError);
    },
  );
});

describe('the proxy of the environment', () => {
  const choose = (env: Record<string, string>, url: string): string | undefined =>
    proxyChoice(proxyFromEnvironment(env))(new URL(url));

  test.each([
    [{}, 'https://a.example', undefined],
    [{ HTTPS_PROXY: 'http://p:1' }, 'https://a.example', 'http://p:1'],
    [{ https_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:1' }, 'https://a.example', 'http://p:1'],
    [{ HTTPS_PROXY: 'http://p:1' }, 'http://a.example', undefined],
    [{ HTTP_PROXY: 'http://p:1' }, 'http://a.example', 'http://p:1'],
    [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, 'https://a.example', undefined],
    [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'b, .a.example' }, 'https://x.a.example', undefined],
    [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.example,$(x)' }, 'https://a.example', undefined],
    [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' }, 'https://10.1.1.1', undefined],
    [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' }, 'https://11.1.1.1', 'http://p:1'],
  ] as const)('%j: %s through %s', (env, url, want) => {
    expect(choose(env, url)).toBe(want);
  });
});
