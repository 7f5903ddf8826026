import { types } from 'node:util';
import { StoreError, type StoreErrorReason } from '../store-error.ts';
import { objectOf } from './account.ts';

/** Statuses with which the service asks to be asked again. */
const momentary: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

const byStatus: Readonly<Record<number, StoreErrorReason>> = {
  401: 'Denied',
  403: 'Denied',
  404: 'NotFound',
  // What a session of an upload is when the service has forgotten it.
  410: 'Unavailable',
  412: 'Changed',
  416: 'InvalidRange',
};

/** What an answer that isn't the wanted one means. Its text is JSON, or plain where contents of an object were asked for. */
export function refusal(status: number, text: string, url: string): StoreError {
  const fields = objectOf(text);
  const error =
    typeof fields?.['error'] === 'object' ? (fields['error'] as Readonly<Record<string, unknown>> | null) : undefined;
  const told = error?.['message'] ?? (fields === undefined ? text : undefined);
  const [first = ''] = typeof told === 'string' ? told.trim().split('\n') : [];
  const message = first.slice(0, 300) || 'failed';
  return new StoreError(reasonOf(status, text), url, `${message} (HTTP ${status})`);
}

function reasonOf(status: number, text: string): StoreErrorReason {
  if (momentary.has(status)) return 'Unavailable';
  // Quotas of the older kind.
  if (status === 403 && /"(userRateLimitExceeded|rateLimitExceeded)"/.test(text)) return 'Unavailable';
  if (status === 404 && /bucket does not exist/i.test(text)) return 'Misconfigured';
  return byStatus[status] ?? (status >= 300 && status < 500 ? 'Misconfigured' : 'Unavailable');
}

/** An error of the network as a StoreError; mistakes of programs stay what they are. */
export function translated(error: unknown, url: string): unknown {
  // Errors of the network come from outside of a test's realm, so that instanceof doesn't know them.
  if (error instanceof StoreError || !types.isNativeError(error)) return error;
  if (['RangeError', 'TypeError', 'SyntaxError', 'ReferenceError'].includes(error.name)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new StoreError('Unavailable', url, message || code || 'failed', { cause: error });
}
