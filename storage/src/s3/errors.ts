import { types } from 'node:util';
import { StoreError, type StoreErrorReason } from '../store-error.ts';

interface ServiceFailure {
  name?: string;
  code?: string;
  message?: string;
  errors?: unknown[];
  $metadata?: { httpStatusCode?: number };
}

/** The HTTP status of an answer that the SDK made an error of. */
export function statusOf(error: unknown): number | undefined {
  return (error as ServiceFailure | undefined)?.$metadata?.httpStatusCode;
}

const reasons: Readonly<Record<number, StoreErrorReason>> = {
  401: 'Denied',
  403: 'Denied',
  404: 'NotFound',
  408: 'Unavailable',
  412: 'Changed',
  416: 'InvalidRange',
  429: 'Unavailable',
};

/** What an error of the SDK means, as a StoreError; what isn't an error of the service or network stays what it is. */
export function translated(error: unknown, url: string): unknown {
  // Errors of the network come from outside of a test's realm, so that instanceof doesn't know them.
  if (error instanceof StoreError || !types.isNativeError(error)) return error;
  const status = statusOf(error);
  const reason = reasonOf(error.name, status);
  if (reason === undefined) return error;
  return new StoreError(reason, url, detailOf(error, status), { cause: error });
}

function reasonOf(name: string, status: number | undefined): StoreErrorReason | undefined {
  if (['RangeError', 'TypeError', 'SyntaxError', 'ReferenceError'].includes(name)) return undefined;
  if (name === 'NoSuchBucket' || name === 'InvalidBucketName') return 'Misconfigured';
  if (name === 'NoSuchKey' || name === 'NotFound') return 'NotFound';
  if (name === 'CredentialsProviderError') return 'Denied';
  // Somebody ended the upload, a lifecycle rule for instance: a new one may succeed.
  if (status === undefined || name === 'NoSuchUpload') return 'Unavailable';
  // ConditionalRequestConflict and OperationAborted: somebody else is at the same key.
  if (status === 409) return name === 'ObjectParentIsFile' ? 'Misconfigured' : 'Unavailable';
  return reasons[status] ?? (status >= 300 && status < 500 ? 'Misconfigured' : 'Unavailable');
}

/** Never empty: a refused connection is an AggregateError without a message. */
function detailOf(error: Error & ServiceFailure, status: number | undefined): string {
  const inner = (error.errors?.[0] as Error | undefined)?.message;
  const text = error.message || inner || error.code || 'failed';
  const name = error.name === 'Error' || error.name === 'AggregateError' ? '' : `${error.name}: `;
  return `${name}${text.slice(0, 500)}${status === undefined ? '' : ` (HTTP ${status})`}`;
}
