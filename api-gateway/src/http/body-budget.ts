import type { IncomingMessage } from 'node:http';
import { RequestError } from './errors.ts';

/** Bounds what bodies take of the memory, from before they are read until they are answered. */
export interface BodyBudget {
  /**
   * @returns gives it back; to be called once
   * @throws RequestError 429 with Retry-After when the caller, or all together, have too many bodies under way
   */
  take(caller: string, bytes: number): () => void;
}

/** Bodies of the largest size that may be under way at once. */
const largestOfAll = 16;
const largestOfOne = 4;

/** @param maxBodyBytes size of the largest body that is taken */
export function bodyBudget(maxBodyBytes: number): BodyBudget {
  const underWay = new Map<string, number>();
  let all = 0;
  const change = (caller: string, bytes: number): void => {
    const own = (underWay.get(caller) ?? 0) + bytes;
    if (own === 0) underWay.delete(caller);
    else underWay.set(caller, own);
    all += bytes;
  };
  return {
    take(caller, bytes) {
      const own = (underWay.get(caller) ?? 0) + bytes;
      if (own > largestOfOne * maxBodyBytes || all + bytes > largestOfAll * maxBodyBytes) {
        const whose = own > largestOfOne * maxBodyBytes ? 'of this caller ' : '';
        const message = `too many large bodies ${whose}are under way; try again when they are answered`;
        throw new RequestError(429, 'USER', message, { headers: { 'retry-after': '1' } });
      }
      change(caller, bytes);
      return () => change(caller, -bytes);
    },
  };
}

/** How long the body of a request is at most: what it says, or the most that is taken where it doesn't say. */
export function bodyBytes({ headers }: Pick<IncomingMessage, 'headers'>, maxBodyBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return maxBodyBytes;
  const length = Number(headers['content-length'] ?? 0);
  // A longer one is refused unread.
  return Number.isInteger(length) && length >= 0 ? Math.min(length, maxBodyBytes) : maxBodyBytes;
}
