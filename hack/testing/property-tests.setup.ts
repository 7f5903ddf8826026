import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';

/**
 * Gives property tests the same cases in each run, so that a run says something about the change and not about luck.
 * OSMO_TEST_SEED is another seed, a whole number; a loop over it is how more cases are looked through by hand. A property
 * that fails prints its seed.
 */
const { testPath } = expect.getState();
// Loading fast-check takes a tenth of a second, and few test files do.
if (testPath !== undefined && readFileSync(testPath, 'utf8').includes("'fast-check'")) {
  const { default: fc } = await import('fast-check');
  const seed = Number(process.env['OSMO_TEST_SEED'] ?? 20_261);
  if (!Number.isInteger(seed)) throw new Error(`OSMO_TEST_SEED=${process.env['OSMO_TEST_SEED']}: not a whole number`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
