/**
 * Measures the product beside a peer or a limit in the same run, and prints a table (or JSON) of numbers, ratios and
 * targets. A missed target is a result; the exit code is 1 only when a bench could not run.
 *
 *     node bench/main.ts [client] [cache] [throughput] [fanout] [sweep] [handover] [start-latency] [writes]
 *                        [gateway-submit] [gateway-list] [gateway-watch] [repository] [runtime-start] [auth]
 *                        [-o json] [--kubeconfig FILE] [--up] [--tasks N] [--list]
 */
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Arguments, parseArguments } from './arguments.ts';
import { authBench } from './auth/bench.ts';
import type { Bench, BenchContext } from './bench.ts';
import { cacheBench } from './cache/bench.ts';
import { clientBench } from './client/bench.ts';
import { startLatencyBench } from './start-latency/bench.ts';
import { throughputBench } from './throughput/bench.ts';
import { writesBench } from './writes/bench.ts';
import { fanoutBench } from './fanout/bench.ts';
import { handoverBench } from './handover/bench.ts';
import { gatewayListBench } from './gateway-list/bench.ts';
import { gatewaySubmitBench } from './gateway-submit/bench.ts';
import { gatewayWatchBench } from './gateway-watch/bench.ts';
import { repositoryBench } from './repository/bench.ts';
import { runtimeStartBench } from './runtime-start/bench.ts';
import { sweepBench } from './sweep/bench.ts';
import { met, problemOf, type Row } from './report/row.ts';
import { type Paint, tableLines } from './report/table.ts';

const benches: readonly Bench[] = [
  clientBench,
  cacheBench,
  throughputBench,
  fanoutBench,
  sweepBench,
  handoverBench,
  startLatencyBench,
  writesBench,
  gatewaySubmitBench,
  gatewayWatchBench,
  gatewayListBench,
  repositoryBench,
  runtimeStartBench,
  authBench,
];

const colours = { green: 32, red: 31, yellow: 33, bold: 1, dim: 2 } as const;
const ansi: Paint = (colour, text) => `\u001b[${colours[colour]}m${text}\u001b[0m`;
const plain: Paint = (_, text) => text;

const started = Date.now();
const say = (text: string): void => {
  process.stderr.write(`==> [${Math.round((Date.now() - started) / 1000)}s] ${text}\n`);
};

interface Outcome {
  rows: Row[];
  failures: { bench: string; error: string }[];
}

async function runAll(options: Arguments, signal: AbortSignal): Promise<Outcome> {
  const outcome: Outcome = { rows: [], failures: [] };
  for (const bench of benches.filter(({ name }) => options.names.includes(name))) {
    if (signal.aborted) break;
    say(`${bench.name}: ${bench.about}`);
    try {
      outcome.rows.push(...(await runOne(bench, options, signal)));
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      outcome.failures.push({ bench: bench.name, error: text });
      say(`${bench.name}: could not run: ${text}`);
    }
  }
  return outcome;
}

async function runOne(bench: Bench, options: Arguments, signal: AbortSignal): Promise<Row[]> {
  await using cleanup = new AsyncDisposableStack();
  const context: BenchContext = {
    root: join(import.meta.dirname, '..'),
    up: options.up,
    say: (text) => say(`${bench.name}: ${text}`),
    signal,
    cleanup,
    ...(options.kubeconfig !== undefined && { kubeconfig: options.kubeconfig }),
    ...(options.tasks !== undefined && { tasks: options.tasks }),
  };
  const rows = await bench.run(context);
  for (const row of rows) {
    const problem = problemOf(row);
    if (problem !== undefined) throw new Error(`row ${JSON.stringify(row.what)}: ${problem}`);
  }
  return rows;
}

function print({ rows, failures }: Outcome, output: Arguments['output']): void {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryBytes: totalmem(), node: process.version };
  if (output === 'json') {
    const judged = rows.map((row) => ({ ...row, met: met(row) }));
    const report = { started: new Date(started).toISOString(), machine, rows: judged, failures };
    console.log(JSON.stringify(report, undefined, 2));
    return;
  }
  const paint = process.stdout.isTTY ? ansi : plain;
  for (const line of tableLines(rows, paint)) console.log(line);
  const verdicts = rows.map(met);
  const count = (verdict: boolean): number => verdicts.filter((each) => each === verdict).length;
  console.log();
  console.log(
    `${machine.cpus} CPUs (${machine.model}), Node ${machine.node}, ${Math.round((Date.now() - started) / 1000)} s`,
  );
  console.log(`targets: ${count(true)} met, ${count(false)} missed; benches that could not run: ${failures.length}`);
  for (const { bench, error } of failures) console.log(`${bench}: ${error.split('\n', 1)[0]}`);
}

const names = benches.map(({ name }) => name);
const usage = `node bench/main.ts [NAME…] [-o json] [--kubeconfig FILE] [--up] [--tasks N] [--list]

Measures the product beside a peer or a limit, and prints a table; a missed target is a result, not an error.
  NAME          benches to run, all when none is named; --list says what each measures
  -o json       JSON in place of the table
  --kubeconfig  a cluster to measure on, where a bench takes one
  --up          bring one up by make up
  --tasks       size of the sweep, 100 to 10000
Benches: ${names.join(' ')}`;

function argumentsOr(exit: (message: string) => never): Arguments {
  try {
    return parseArguments(process.argv.slice(2), names);
  } catch (error) {
    return exit(error instanceof Error ? error.message : String(error));
  }
}

const options = argumentsOr((message) => {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
});
if (options.help) console.log(usage);
else if (options.list) {
  for (const { name, about } of benches) console.log(`${name.padEnd(14)} ${about}`);
} else {
  const interrupted = new AbortController();
  for (const event of ['SIGINT', 'SIGTERM'] as const) {
    process.once(event, () => interrupted.abort(new Error(`stopped by ${event}`)));
  }
  const outcome = await runAll(options, interrupted.signal);
  print(outcome, options.output);
  process.exitCode = outcome.failures.length > 0 || interrupted.signal.aborted ? 1 : 0;
}
