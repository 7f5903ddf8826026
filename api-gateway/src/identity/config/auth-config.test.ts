import { describe, expect, test } from '@jest/globals';
import { readAuthConfig } from './auth-config.ts';

const issuer = { url: 'https://id.example.com', audiences: ['osmo'] };
const claimMappings = { username: { claim: 'sub', prefix: 'id:' } };
const read = (config: unknown): Promise<unknown> => readAuthConfig(JSON.stringify(config));

test('the words of Kubernetes are understood', async () => {
  const text = `
jwt:
  - issuer:
      url: https://id.example.com
      audiences: [osmo]
    claimMappings:
      username: { claim: preferred_username, prefix: '' }
      groups: { claim: groups, prefix: 'idp:' }
login:
  issuer: https://id.example.com
  browser: { clientId: osmo }
`;
  expect(await readAuthConfig(text)).toEqual({
    jwt: [
      {
        issuer,
        claimMappings: {
          username: { claim: 'preferred_username', prefix: '' },
          groups: { claim: 'groups', prefix: 'idp:' },
        },
      },
    ],
    login: { issuer: issuer.url, browser: { clientId: 'osmo' } },
  });
  expect(await readAuthConfig('')).toEqual({});
});

describe('what is wrong is told with its path, its value and what is allowed', () => {
  const with_ = (change: object) => ({ jwt: [{ issuer: { ...issuer, ...change }, claimMappings }] });
  test.each<[unknown, RegExp]>([
    [{ jwts: [] }, /^the file: "jwts" is no known field$/],
    [{ trustedProxies: {} }, /^trustedProxies: must have required property 'networks'$/],
    [
      { trustedProxies: { networks: ['0.0.0.0/0'] } },
      /^trustedProxies\.networks\[0\]: "0\.0\.0\.0\/0": must be a network/,
    ],
    [
      { trustedProxies: { networks: ['10.0.0.1'], groupPrefix: 'system:' } },
      /^trustedProxies\.groupPrefix: "system:": must not begin with 'system:'/,
    ],
    [with_({ url: 'http://id.example.com' }), /^jwt\[0\]\.issuer\.url: "http:.*must begin with https:.*allowHttp/],
    [with_({ url: 'ftp://x' }), /jwt\[0\]\.issuer\.url: "ftp:\/\/x": must be a URL such as/],
    [with_({ url: 'https://a:b@x' }), /must be a URL such as/],
    [with_({ audiences: [] }), /jwt\[0\]\.issuer\.audiences: must NOT have fewer than 1 items/],
    [with_({ audienceMatchPolicy: 'MatchAny' }), /jwt\[0\]\.issuer: "audienceMatchPolicy" is no known field/],
    [{ jwt: [{ issuer, claimMappings: {} }] }, /jwt\[0\]\.claimMappings: must have required property 'username'/],
    [
      { jwt: [{ issuer, claimMappings: { username: { claim: 'sub' } } }] },
      /jwt\[0\]\.claimMappings\.username: must have required property 'prefix'/,
    ],
    [
      { jwt: [{ issuer, claimMappings: { username: { claim: 'sub', prefix: 'system:' } } }] },
      /jwt\[0\]\.claimMappings\.username\.prefix: "system:": must not begin with 'system:'/,
    ],
    [
      { jwt: [{ issuer, claimMappings, algorithms: ['HS256'] }] },
      /jwt\[0\]\.algorithms\[0\]: "HS256": must be one of RS256/,
    ],
    [{ jwt: [{ issuer, claimMappings, algorithms: ['none'] }] }, /must be one of RS256/],
    [{ jwt: [{ issuer, claimMappings, clockSkewSeconds: 301 }] }, /clockSkewSeconds: 301: must be <= 300/],
    [
      {
        jwt: [
          { issuer, claimMappings },
          { issuer, claimMappings },
        ],
      },
      /jwt\[1\]\.issuer\.url: .*is named twice/,
    ],
    [{ login: { issuer: 'https://x' } }, /login\.issuer: "https:\/\/x": must be the issuer\.url of one of jwt: none/],
    [
      { jwt: [{ issuer, claimMappings }], login: { issuer: issuer.url, cli: { clientId: 'other' } } },
      /login\.cli\.clientId: "other": must be among issuer\.audiences/,
    ],
  ])('%j', async (config, message) => {
    await expect(read(config)).rejects.toThrow(message);
  });
  test('what is no YAML', async () => {
    await expect(readAuthConfig('jwt: [')).rejects.toThrow(/it is no YAML/);
    // A file of a few lines that stands for a billion.
    await expect(readAuthConfig('a: &a [1]\nb: [*a, *a]')).rejects.toThrow(/it is no YAML/);
  });
});
