import { backOff } from '../back-off.ts';
import { isStoreError } from '../store-error.ts';
import type { TransferOptions } from './types.ts';

/** Does something again while the store can't be reached or fails, or changes under it. @throws the last error */
export async function retried<T>(
  { attempts = 6, pause = backOff, signal }: Pick<TransferOptions, 'attempts' | 'pause' | 'signal'>,
  act: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      // One attempt after the other.
      // oxlint-disable-next-line no-await-in-loop
      return await act();
    } catch (error) {
      if (attempt >= attempts || !isStoreError(error, 'Unavailable', 'Changed')) throw error;
    }
    // oxlint-disable-next-line no-await-in-loop
    await pause(attempt, signal);
  }
}
