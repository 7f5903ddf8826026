import { describe, expect, test } from '@jest/globals';
import { closingLine, type JestReport, summarise, type TierResult } from './summary.ts';

const report = (changes: Partial<JestReport> = {}): JestReport => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  ...changes,
});
const tier = (name: string, changes: Partial<JestReport> = {}, exitCode = 0): TierResult => ({
  tier: name,
  exitCode,
  report: report(changes),
});

describe('the summary of a test run', () => {
  test.each<[string, TierResult[], string, boolean]>([
    ['adds up the tiers', [tier('unit'), tier('e2e', { numPassedTests: 2 })], '5 passed, 0 failed', true],
    [
      'names skipped tests',
      [tier('unit', { numPendingTests: 1, numTodoTests: 1 })],
      '3 passed, 0 failed, 2 skipped',
      true,
    ],
    ['fails with a failed test', [tier('unit', { numFailedTests: 1 }, 1)], '3 passed, 1 failed', false],
    [
      'counts a suite that could not start as failed',
      [tier('unit', { numRuntimeErrorTestSuites: 1 }, 1)],
      '3 passed, 1 failed',
      false,
    ],
    [
      'fails a tier without a report',
      [tier('unit'), { tier: 'e2e', exitCode: 137, report: undefined }],
      '3 passed, 1 failed',
      false,
    ],
    ['fails when no test ran', [tier('unit', { numPassedTests: 0 })], '0 passed, 0 failed', false],
    [
      'fails when a tier ran none while another did',
      [tier('unit'), tier('e2e', { numPassedTests: 0 })],
      '3 passed, 0 failed',
      false,
    ],
    ['fails when the process failed although its tests passed', [tier('unit', {}, 1)], '3 passed, 0 failed', false],
  ])('%s', (_, results, line, ok) => {
    const summary = summarise(results);
    expect(closingLine(summary)).toBe(line);
    expect(summary.ok).toBe(ok);
    expect(summary.problems.length > 0 || summary.failed > 0).toBe(!ok);
  });
});
