import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { documentPage } from '../openapi/page.ts';
import { problemPage } from '../identity/login/page.ts';
import { actions } from './action.ts';
import { mayBeKept, pagePolicy, securityHeaders } from './security-headers.ts';

/** Hash of what is between the tags, as a browser computes it. */
function hashOfStyle(page: string): string {
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
  expect(style).not.toBe('');
  return `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
}

test('every answer is data and nothing else to a browser, and TLS is insisted on only where there is some', () => {
  const headers = securityHeaders(false);
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
  });
  for (const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"])
    expect(headers['content-security-policy']).toContain(part);
  expect(headers).not.toHaveProperty('strict-transport-security');
  expect(securityHeaders(true)['strict-transport-security']).toBe('max-age=31536000');
});

describe('pages', () => {
  test('allow their own style and no other: that of the API’s document, and that of a login that failed', () => {
    const { text, headers } = problemPage('no', 'https://osmo.example/again', 403);
    expect(headers['content-security-policy']).toContain(`style-src ${hashOfStyle(text)}`);
    const page = documentPage([]);
    expect(page.policy).toContain(`style-src ${hashOfStyle(page.text)}`);
    for (const policy of [headers['content-security-policy'], page.policy, pagePolicy()]) {
      expect(policy).not.toContain('unsafe');
      expect(policy).not.toContain('script-src');
    }
    // An attribute would need a word of its own in the policy.
    expect(`${text}${page.text}`).not.toMatch(/ style=| on\w+=|<script/);
  });
});

test('what says who somebody is stays in no cache; the rest may be asked for again', () => {
  const kept = actions.filter((action) => mayBeKept(action));
  expect(kept).toEqual(expect.arrayContaining(['workflow:Read', 'system:Docs', 'config:Read']));
  expect(kept.filter((action) => /^(auth|credentials|profile|user):/.test(action))).toEqual([]);
});
