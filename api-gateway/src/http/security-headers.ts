import { createHash } from 'node:crypto';
import type { Action } from './action.ts';

/** What a browser is told about every answer; an operation's own headers win. */
export function securityHeaders(overTls: boolean): Readonly<Record<string, string>> {
  return {
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    // Answers are data: if a browser shows one as a page after all, nothing in it runs, loads, sends or is framed.
    'content-security-policy': pagePolicy(),
    // For browsers that know no frame-ancestors.
    'x-frame-options': 'DENY',
    // Others learn nothing. With no-referrer a browser would send `Origin: null` with the forms of our own pages, too.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // Only where people come by TLS: in the clear it says nothing, and a host that is no more behind TLS would be lost to them.
    ...(overTls && { 'strict-transport-security': 'max-age=31536000' }),
  };
}

/**
 * The policy of a page in which nothing runs.
 *
 * @param style text of its one `<style>`, letter by letter; absent: it has none
 */
export function pagePolicy(style?: string): string {
  const hash = style === undefined ? undefined : createHash('sha256').update(style).digest('base64');
  return [
    "default-src 'none'",
    ...(hash === undefined ? [] : [`style-src 'sha256-${hash}'`]),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Words before the colon of actions whose answers say who somebody is, or hold what signs them in. */
const personal = new Set(['auth', 'profile', 'user', 'credentials']);

/** Whether a browser may keep an answer of an operation, to ask whether it still is the same. */
export function mayBeKept(action: Action): boolean {
  return !personal.has(action.slice(0, action.indexOf(':')));
}
