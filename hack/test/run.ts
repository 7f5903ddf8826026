/**
 * Runs test tiers one after the other, each in a jest process of its own that writes a JSON report, and ends with one line
 * summed from those reports: `N passed, N failed` (`, N skipped` when there are any). Exits 1 when a test failed, a suite
 * could not run, a tier's process died without a report, or no test ran at all.
 *
 *     node hack/test/run.ts [--checks] [unit] [integration] [e2e] [-- jest arguments]
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { closingLine, type JestReport, summarise, type TierResult } from './summary.ts';

const split = process.argv.indexOf('--');
const words = process.argv.slice(2, split === -1 ? undefined : split);
const jestArguments = split === -1 ? [] : process.argv.slice(split + 1);
const tiers = words.filter((word) => !word.startsWith('--'));

const started = Date.now();
const say = (text: string): void => console.log(`==> [${Math.round((Date.now() - started) / 1000)}s] ${text}`);

function runChecks(): boolean {
  const checks: [string, string[]][] = [
    ['types', ['tsc', '--noEmit', '-p', '.']],
    ['lint', ['oxlint', '--quiet']],
    ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
    ['generated files', ['make', '--no-print-directory', 'verify']],
  ];
  const failed = checks.filter(([name, [command = '', ...rest]]) => {
    say(`check: ${name}`);
    return spawnSync(command, rest, { stdio: 'inherit' }).status !== 0;
  });
  if (failed.length > 0) say(`checks failed: ${failed.map(([name]) => name).join(', ')}`);
  return failed.length === 0;
}

/** How long Jest may take to end once its report is there. It waits for ever for what a test left running. */
const lingerMs = 60_000;

async function runTier(tier: string): Promise<TierResult> {
  say(`tests: ${tier}`);
  mkdirSync('reports', { recursive: true });
  const file = `reports/${tier}.json`;
  rmSync(file, { force: true });
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--selectProjects',
      tier,
      '--json',
      `--outputFile=${file}`,
      ...(tier === 'e2e' ? ['--runInBand'] : []),
      ...jestArguments,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  let reportedAt: number | undefined;
  const watch = setInterval(() => {
    if (!existsSync(file)) return;
    reportedAt ??= Date.now();
    if (Date.now() - reportedAt < lingerMs) return;
    clearInterval(watch);
    say(`tests: ${tier}: the process is killed: it goes on after its last test, which left something running`);
    jest.kill('SIGKILL');
  }, 1000);
  const [exitCode] = (await once(jest, 'exit')) as [number | null];
  clearInterval(watch);
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as JestReport) : undefined;
  return { tier, exitCode: exitCode ?? 1, report };
}

const checksPassed = words.includes('--checks') ? runChecks() : true;
const results: TierResult[] = [];
// One after the other: each takes the whole machine.
// oxlint-disable-next-line no-await-in-loop
for (const tier of tiers) results.push(await runTier(tier));
const summary = summarise(results);
for (const line of summary.problems) console.log(`!!! ${line}`);
if (!checksPassed) console.log('!!! a check failed, see above');
process.exitCode = checksPassed && summary.ok ? 0 : 1;
say(`done`);
console.log(closingLine(summary));
