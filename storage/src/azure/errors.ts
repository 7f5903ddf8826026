import { types } from 'node:util';
import { StoreError, type StoreErrorReason } from '../store-error.ts';

/** What the SDK's errors have. */
interface ServiceFailure {
  statusCode?: number;
  code?: string;
  message?: string;
  errors?: unknown[];
}

export const statusOf = (error: unknown): number | undefined => (error as ServiceFailure | undefined)?.statusCode;
export const codeOf = (error: unknown): string | undefined => (error as ServiceFailure | undefined)?.code;

/** Whether an answer came and its body didn't: the SDK tries again for no answer, and not for that. */
export const isBrokenAnswer = (error: unknown): boolean => codeOf(error) === 'PARSE_ERROR';

const byCode: Readonly<Record<string, StoreErrorReason>> = {
  BlobAlreadyExists: 'AlreadyExists',
  ContainerNotFound: 'Misconfigured',
  ContainerDisabled: 'Misconfigured',
  ContainerBeingDeleted: 'Unavailable',
  AccountIsDisabled: 'Misconfigured',
  ConditionNotMet: 'Changed',
  InvalidRange: 'InvalidRange',
  // Another writer has committed the same blob, which forgets everybody's uncommitted blocks.
  InvalidBlockList: 'Unavailable',
};
const byStatus: Readonly<Record<number, StoreErrorReason>> = {
  401: 'Denied',
  403: 'Denied',
  404: 'NotFound',
  408: 'Unavailable',
  409: 'Unavailable',
  412: 'Changed',
  416: 'InvalidRange',
  429: 'Unavailable',
};

/**
 * What an error of the SDK means, as a StoreError; what isn't an error of the service or network stays what it is. The SDK's
 * error isn't its cause: it holds the request, whose URL may hold a signature.
 */
export function translated(error: unknown, url: string): unknown {
  if (error instanceof StoreError || !types.isNativeError(error)) return error;
  const status = statusOf(error);
  const code = codeOf(error);
  if (['RangeError', 'TypeError', 'SyntaxError', 'ReferenceError'].includes(error.name)) return error;
  const [first = ''] = error.message.split('\n');
  const inner = ((error as ServiceFailure).errors?.[0] as Error | undefined)?.message;
  const text = (first || inner || code || 'failed').replace(/([?&]sig=)[^&\s]*/g, '$1…').slice(0, 500);
  const detail = `${code === undefined || text.includes(code) ? '' : `${code}: `}${text}`;
  return new StoreError(reasonOf(code, status), url, status === undefined ? detail : `${detail} (HTTP ${status})`);
}

function reasonOf(code: string | undefined, status: number | undefined): StoreErrorReason {
  const known = byCode[code ?? ''] ?? byStatus[status ?? 0];
  if (known !== undefined) return known;
  return status !== undefined && status >= 300 && status < 500 ? 'Misconfigured' : 'Unavailable';
}
