/** A named check: undefined when well, else what is wrong in a few words (no secrets: anyone may read it). */
export type HealthCheck = () => string | undefined | Promise<string | undefined>;

export interface CheckResult {
  name: string;
  problem: string | undefined;
}

/** Named checks, as of the apiserver's own health endpoints. */
export class HealthChecks {
  readonly #checks = new Map<string, HealthCheck>();

  /** @throws RangeError when there is one of that name. */
  add(name: string, check: HealthCheck): void {
    if (this.#checks.has(name)) throw new RangeError(`health check ${JSON.stringify(name)} was added before`);
    this.#checks.set(name, check);
  }

  /** Runs all but the excluded ones; a check that throws is a problem. */
  run(exclude: ReadonlySet<string> = new Set()): Promise<CheckResult[]> {
    const checks = [...this.#checks].filter(([name]) => !exclude.has(name));
    return Promise.all(checks.map(async ([name, check]) => ({ name, problem: await outcome(check) })));
  }
}

async function outcome(check: HealthCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The answer to a probe: 200 'ok' or 500, and with `verbose` or on failure a line per check. */
export function healthAnswer(results: readonly CheckResult[], verbose: boolean): { status: number; body: string } {
  const failed = results.filter(({ problem }) => problem !== undefined);
  if (failed.length === 0 && !verbose) return { status: 200, body: 'ok' };
  const lines = results.map(({ name, problem }) =>
    problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  );
  const verdict = failed.length === 0 ? 'passed' : 'failed';
  return { status: failed.length === 0 ? 200 : 500, body: `${[...lines, `check ${verdict}`].join('\n')}\n` };
}
