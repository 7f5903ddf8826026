import { configureGlobal } from 'fast-check';

/*
 * Property tests draw the same cases in every run, so that a change is never blamed for what it didn't touch.
 * `OSMO_SEED=random` searches further, `OSMO_SEED=<number>` repeats a search, `OSMO_RUNS` says how long.
 */
const { OSMO_SEED: seed = '20261121', OSMO_RUNS: runs } = process.env;
configureGlobal({
  ...(seed === 'random' ? {} : { seed: Number(seed) }),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
});
