import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RequestError } from '../http/errors.ts';
import { readParameters } from '../http/parameters.ts';
import { workflowOf } from '../testing/objects.ts';
import { listParameters, workflowFilter } from './filter.ts';
import { glob } from './glob.ts';

const workflow = workflowOf('train-7', {
  metadata: { annotations: { 'osmo.dev/submitted-by': 'ada', 'osmo.dev/tags': 'best,final' } },
  spec: { pool: 'gpu', priority: 'High', labels: { team: 'arms', site: 'lab-2' } },
  status: { phase: 'Failed', reason: 'ExecTimeout' },
});
const passes = (query: string): boolean =>
  workflowFilter(readParameters(listParameters, new URLSearchParams(query)), 'ada')(workflow);

describe('passes', () => {
  test.each([
    '',
    'all_users=True',
    'users=eve&users=ada',
    'name=train',
    'name=t*n-7',
    'statuses=RUNNING&statuses=FAILED_EXEC_TIMEOUT',
    'pools=gpu',
    'pools=cpu&all_pools=True',
    'priority=HIGH',
    'tags=best',
    'tags=other&tags=final',
    'label=team=arms',
    'label=team=a*&label=site=lab-(1|2)',
    'no_label=owner',
    'submitted_after=2026-01-01&submitted_before=2026-01-02',
  ])('%j', (query) => expect(passes(query)).toBe(true));
});

describe('does not pass', () => {
  test.each([
    'users=eve',
    'name=test',
    'statuses=FAILED',
    'pools=cpu',
    'priority=LOW',
    'tags=worst',
    'label=team=legs',
    'label=team=arms&label=site=lab-3',
    'label=nothing=*',
    'no_label=team',
    'submitted_before=2026-01-01',
    'submitted_after=2026-01-01T00:00:01',
    'app=any',
  ])('%j', (query) => expect(passes(query)).toBe(false));
});

test('times are compared as times, whatever they are written like', () => {
  const instant = fc.date({
    noInvalidDate: true,
    min: new Date('2025-12-31T23:59:58Z'),
    max: new Date('2026-01-01T00:00:02Z'),
  });
  const anyTime = fc.oneof(
    instant,
    fc.constantFrom(new Date('9999-12-31T23:59:59.9Z'), new Date('0000-01-01T00:00:00Z')),
  );
  const made = Date.parse(workflow.metadata.creationTimestamp ?? '');
  fc.assert(
    fc.property(anyTime, anyTime, (after, before) => {
      const query = new URLSearchParams({
        submitted_after: after.toISOString(),
        submitted_before: before.toISOString(),
      });
      expect(passes(query.toString())).toBe(made >= after.getTime() && made < before.getTime());
    }),
  );
});

test.each(['label=team', 'label==x', 'label=a=(b', 'name=a)b'])('%j is refused', (query) =>
  expect(() => passes(query)).toThrow(RequestError),
);

describe('glob', () => {
  test.each([
    ['a*', 'abc', true],
    ['*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['(a|b)*', 'b1', true],
    ['x(a|b)(c|d)', 'xbd', true],
    ['*b*', 'abc', true],
    ['*B*', 'abc', false],
    ['*ac*', 'abc', false],
    ['*(b|x)*', 'abc', true],
    ['**', '', true],
    ['a.c', 'abc', false],
    ['', '', true],
    ['', 'a', false],
  ])('%j matches %j: %s', (pattern, text, want) => expect(glob(pattern)?.(text)).toBe(want));

  test('a pattern that would stand for too many is refused', () => {
    expect(glob('(a|b)'.repeat(7))).toBeUndefined();
    expect(glob('x'.repeat(300))).toBeUndefined();
  });

  test('agrees with a regular expression', () => {
    const piece = fc.stringMatching(/^[ab*]{0,8}$/);
    fc.assert(
      fc.property(piece, fc.stringMatching(/^[ab]{0,8}$/), (pattern, text) => {
        const want = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text);
        expect(glob(pattern)?.(text)).toBe(want);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});
