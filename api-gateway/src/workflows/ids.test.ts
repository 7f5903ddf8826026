import { expect, test } from '@jest/globals';
import { idOf, refOfId } from './ids.ts';

test('an id is a name, behind its namespace where that isn’t the default one, and back', () => {
  expect(refOfId('w-1', 'home')).toEqual({ namespace: 'home', name: 'w-1' });
  expect(refOfId('lab.w-1', 'home')).toEqual({ namespace: 'lab', name: 'w-1' });
  expect(idOf({ namespace: 'home', name: 'w-1' }, 'home')).toBe('w-1');
  expect(idOf({ namespace: 'lab', name: 'w-1' }, 'home')).toBe('lab.w-1');
});

test.each(['', 'a.b.c', 'A', '../x', 'a/b', '.a', 'a.', 'a'.repeat(64), 'é'])('%j is none', (id) =>
  expect(() => refOfId(id, 'home')).toThrow('must be NAME'),
);
