import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './program.ts';

/** The flags of a program, as `parseArgs` of node:util takes them. */
export type Flags = NonNullable<ParseArgsConfig['options']>;

interface Strict<F extends Flags> extends ParseArgsConfig {
  args: string[];
  options: F;
  strict: true;
  allowPositionals: false;
}

/** What `readFlags` makes of a command line with these flags. */
export type FlagValues<F extends Flags> = ReturnType<typeof parseArgs<Strict<F>>>['values'];

/**
 * Reads a command line that has flags and nothing else.
 *
 * @throws UsageError for an unknown flag, one without its value, or a word that is no flag.
 */
export function readFlags<const F extends Flags>(argv: readonly string[], options: F): FlagValues<F> {
  try {
    return parseArgs<Strict<F>>({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** @throws UsageError for what is no integer from `min` to `max` in decimal digits. */
export function integerFlag(flag: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw wrongFlag(flag, value, `must be an integer from ${min} to ${max}`);
}

/** @throws UsageError for a word that isn't one of those allowed. */
export function oneOfFlag<const T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  throw wrongFlag(flag, value, `must be one of ${allowed.join(', ')}`);
}

/** @throws UsageError for what is no DNS label (RFC 1123), or wasn't given. */
export function dnsLabelFlag(flag: string, value: string | undefined): string {
  if (value !== undefined && value.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(value)) return value;
  throw wrongFlag(flag, value ?? '', 'must be a DNS label of at most 63 characters');
}

/** A refusal that names the flag, what was given, and the rule (`must be …`). */
export function wrongFlag(flag: string, value: string, rule: string): UsageError {
  return new UsageError(`--${flag} ${JSON.stringify(value)}: ${rule}`);
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

/** How a program can be watched. */
export interface ProcessOptions {
  /** 0: none. */
  metricsPort: number;
  /** 0: none. */
  healthPort: number;
  logLevel: (typeof logLevels)[number];
}

/** The flags behind `ProcessOptions`. */
export const processFlags = {
  'metrics-port': { type: 'string', default: '8080' },
  'health-port': { type: 'string', default: '8081' },
  'log-level': { type: 'string', default: 'info' },
} as const satisfies Flags;

/**
 * Their lines of a usage text.
 *
 * @param column in which the explanations begin.
 */
export function processUsage(column: number): string {
  const line = (flag: string, text: string): string => `  ${flag}`.padEnd(column) + text;
  return [
    line('--metrics-port N', 'Prometheus metrics, 0 = none (default: 8080)'),
    line('--health-port N', '/healthz and /readyz, 0 = none (default: 8081)'),
    line('--log-level LEVEL', `${logLevels.join(', ')} (default: info)`),
  ].join('\n');
}

/** @throws UsageError */
export function processOptions(values: Readonly<Record<keyof typeof processFlags, string>>): ProcessOptions {
  return {
    metricsPort: integerFlag('metrics-port', values['metrics-port'], 0, 65_535),
    healthPort: integerFlag('health-port', values['health-port'], 0, 65_535),
    logLevel: oneOfFlag('log-level', values['log-level'], logLevels),
  };
}
