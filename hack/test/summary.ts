/** The part of jest's `--json` report that the summary reads. */
export interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
}

export interface TierResult {
  tier: string;
  /** Exit code of the jest process; 1 when it was killed. */
  exitCode: number;
  /** Undefined when the process ended without writing one. */
  report: JestReport | undefined;
}

export interface Summary {
  passed: number;
  failed: number;
  skipped: number;
  ok: boolean;
  /** One line for each thing that is wrong beyond a failed test. */
  problems: string[];
}

/**
 * Adds up the tiers' reports. A suite that could not even start counts as one failed test, and so does a tier without a
 * report: otherwise a broken import would look like fewer tests.
 */
export function summarise(results: readonly TierResult[]): Summary {
  const problems: string[] = [];
  let [passed, failed, skipped] = [0, 0, 0];
  for (const { tier, exitCode, report } of results) {
    if (!report) {
      failed += 1;
      problems.push(`${tier}: the test process ended with code ${exitCode} and left no report`);
      continue;
    }
    passed += report.numPassedTests;
    failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
    skipped += report.numPendingTests + report.numTodoTests;
    if (report.numRuntimeErrorTestSuites > 0)
      problems.push(`${tier}: ${report.numRuntimeErrorTestSuites} suites could not run`);
    if (report.numPassedTests + report.numFailedTests === 0) problems.push(`${tier}: no test ran`);
    if (exitCode !== 0 && report.numFailedTests + report.numRuntimeErrorTestSuites === 0)
      problems.push(`${tier}: every test passed but the test process ended with code ${exitCode}`);
  }
  if (passed + failed === 0) problems.push('no test ran');
  return { passed, failed, skipped, ok: failed === 0 && problems.length === 0, problems };
}

/** The last line of every test run, for people and for CI. */
export function closingLine({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
