import { expect, test } from '@jest/globals';
import { covers } from './action.ts';

test('a pattern covers its action, all of a kind, or everything, and nothing that only begins alike', () => {
  expect(covers(['workflow:Read'], 'workflow:Read')).toBe(true);
  expect(covers(['app:Read', 'workflow:*'], 'workflow:Read')).toBe(true);
  expect(covers(['*:*'], 'config:Delete')).toBe(true);
  for (const patterns of [[], ['workflow:List'], ['work:*'], ['*'], ['*:Read'], ['workflow:'], ['workflow:read']]) {
    expect(covers(patterns, 'workflow:Read')).toBe(false);
  }
});
