import { describe, expect, test } from '@jest/globals';
import { isVersion, versionNotice } from './client-versions.ts';

const versions = { minimum: '6.2.0', latest: '6.4.1', installUrl: 'https://example.com/osmo' };

describe('a client', () => {
  test.each([undefined, '', 'x', '6.4.1', '6.5', '7', '6.4.1-rc.1', ['6.0.0']])('with %j hears nothing', (header) => {
    expect(versionNotice(header, versions)).toEqual({ headers: {} });
  });

  test.each(['6.4.0', '6.2.0', '6.2', '6.3.9+build'])('with %j is warned', (header) => {
    const { warning, headers } = versionNotice(header, versions);
    expect(warning).toMatch(/is not the newest: 6\.4\.1 is there; get it from https:\/\/example\.com\/osmo$/);
    expect(headers).toEqual({ 'x-osmo-service-version': '6.4.1' });
  });

  test.each(['6.1.9', '5', '0.1.0'])('with %j is refused', (header) => {
    const refused = expect.objectContaining({
      status: 400,
      code: 'OSMO_ERROR',
      message: expect.stringContaining('6.2.0'),
    });
    expect(() => versionNotice(header, versions)).toThrow(refused);
  });

  test('is told nothing where nothing is set', () => {
    expect(versionNotice('0.0.1', {})).toEqual({ headers: {} });
  });
});

test.each([
  ['6.4.0', true],
  ['6', true],
  ['6.4.0-dev', true],
  ['v6', false],
  ['', false],
  ['6..4', false],
])('%j is a version: %j', (text, is) => {
  expect(isVersion(text)).toBe(is);
});
