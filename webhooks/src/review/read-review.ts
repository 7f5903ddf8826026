import { type AdmissionRequest, reviewHead } from './types.ts';

/** A body that is no review: the message says what it should be. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError';
}

const operations: ReadonlySet<unknown> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);

/**
 * Reads the body of a call.
 *
 * @throws ReviewError when it isn't an AdmissionReview with a request
 */
export function readReview(body: string): AdmissionRequest {
  const review = parsed(body);
  if (!isRecord(review) || review['kind'] !== reviewHead.kind || review['apiVersion'] !== reviewHead.apiVersion) {
    throw new ReviewError(`the body must be a ${reviewHead.kind} of ${reviewHead.apiVersion}`);
  }
  const { request } = review;
  if (!isRecord(request)) throw new ReviewError('request: must be an object');
  if (typeof request['uid'] !== 'string') throw new ReviewError('request.uid: must be a string');
  if (!isRecord(request['kind']) || typeof request['kind']['kind'] !== 'string') {
    throw new ReviewError('request.kind: must be an object with group, version and kind');
  }
  if (!operations.has(request['operation'])) {
    throw new ReviewError(`request.operation: must be one of ${[...operations].join(', ')}`);
  }
  const object = objectAt(request, 'object');
  const oldObject = objectAt(request, 'oldObject');
  const userInfo = isRecord(request['userInfo']) ? request['userInfo'] : {};
  return { ...(request as unknown as AdmissionRequest), userInfo, object, oldObject };
}

function objectAt(request: Record<string, unknown>, field: string): (AdmissionRequest['object'] & {}) | null {
  const value = request[field] ?? null;
  if (value === null) return null;
  if (!isRecord(value) || !isRecord(value['metadata'])) throw new ReviewError(`request.${field}: must be an object`);
  return value as unknown as NonNullable<AdmissionRequest['object']>;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ReviewError('the body is not JSON');
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
