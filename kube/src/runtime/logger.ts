import { redact } from '../client/redact.ts';

/** Structured log: a message for operators and fields. Never pass secrets. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
  child(fields: object): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The part of a pino logger that is used, so that this package needs no logger of its own. */
export interface PinoLike {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: object): PinoLike;
}

/** Logs to a pino instance. Fields are made safe by `loggable`. */
export function pinoLogger(pino: PinoLike): Logger {
  return {
    debug: (message, fields) => pino.debug(loggable(fields), message),
    info: (message, fields) => pino.info(loggable(fields), message),
    warn: (message, fields) => pino.warn(loggable(fields), message),
    error: (message, fields) => pino.error(loggable(fields), message),
    child: (fields) => pinoLogger(pino.child(loggable(fields))),
  };
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

const secretField =
  /^(?:authorization|cookie|set-cookie|.*(?:password|passwd|secret|token|api-?key|private-?key|credentials?))$/i;
const depthLimit = 6;
const lengthLimit = 100;

/**
 * The fields with everything that is secret by its name replaced, errors as `{name, message, stack}` with redacted text,
 * and a bounded depth and width. Meant as a second line of defence: callers pass no secrets.
 */
export function loggable(fields: object = {}): Record<string, unknown> {
  return visitObject(fields, depthLimit);
}

function visitObject(object: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(object).slice(0, lengthLimit);
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      secretField.test(key) && value !== undefined ? '[redacted]' : visit(value, depth - 1),
    ]),
  );
}

function visit(value: unknown, depth: number): unknown {
  if (value instanceof Error) {
    return { name: value.name, message: redact(value.message), stack: redact(value.stack ?? '') };
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth <= 0) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, lengthLimit).map((item) => visit(item, depth - 1));
  return visitObject(value, depth);
}
