import { isStoreError } from '@osmo/storage';
import { isRepositoryError } from '@osmo/storage/repository';
import { TransferError } from '@osmo/storage/transfer';
import { RuntimeExit } from '../plan/index.ts';

/** A transfer that failed, with the exit code that says how. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly code: number;

  constructor(code: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The failure of a transfer; what it was about goes before the message. */
export function failureOf(error: unknown, what: string, direction: 'download' | 'upload'): DataError {
  if (error instanceof DataError) return error;
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  return new DataError(codeOf(error, direction), message, { cause: error });
}

/** Whether trying again may help. */
export function isPassing(error: unknown): boolean {
  return isStoreError(error, 'Unavailable') || isRepositoryError(error, 'Conflict');
}

function codeOf(error: unknown, direction: 'download' | 'upload'): number {
  if (isStoreError(error, 'Denied')) return RuntimeExit.unauthorized;
  if (isStoreError(error, 'Misconfigured') || isRepositoryError(error, 'Format')) return RuntimeExit.check;
  if (isStoreError(error, 'NotFound') || error instanceof RangeError) return RuntimeExit.argument;
  if (error instanceof TransferError || isRepositoryError(error, 'Refused')) return RuntimeExit.fileOperation;
  if (isRepositoryError(error, 'Corrupt')) return RuntimeExit.other;
  if (isFileError(error)) return RuntimeExit.fileOperation;
  return RuntimeExit[direction];
}

/** Of the file system: a full disk, what may not be read. */
function isFileError(error: unknown): boolean {
  const { code, path, syscall } = error as { code?: unknown; path?: unknown; syscall?: unknown };
  if (typeof code !== 'string') return false;
  return path !== undefined || ['write', 'fsync', 'ftruncate', 'open', 'read'].includes(String(syscall));
}
