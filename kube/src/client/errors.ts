/** One entry of `details.causes` of a Status: which field was refused and why. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** metav1.Status, the apiserver's error body. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  status?: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  code?: number;
  details?: StatusDetails;
  metadata?: object;
}

export interface KubeErrorInit {
  /** HTTP status; 0 when no answer came (connection, timeout, malformed stream). */
  status: number;
  /** Status reason of the server (`NotFound`, `Conflict`, …), or one of `TransportReason`. */
  reason: string;
  message: string;
  details?: StatusDetails | undefined;
  retryAfterSeconds?: number | undefined;
  method?: string | undefined;
  path?: string | undefined;
  cause?: unknown;
}

/** Reasons of errors that are not the server's word: nothing reached us, or nothing that makes sense. */
export const TransportReason = {
  /** Could not connect, or the connection broke. */
  connection: 'ConnectionError',
  /** No complete answer in time. */
  timeout: 'RequestTimeout',
  /** The stream held something that is not a watch event. */
  malformed: 'MalformedResponse',
  /** The stream ended in the middle of a line. */
  truncated: 'TruncatedResponse',
  /** A line or body above the limit. */
  tooLarge: 'ResponseTooLarge',
  /** A watch on which nothing arrived for too long. */
  stalled: 'WatchStalled',
  /** Credentials could not be obtained. */
  credentials: 'CredentialsError',
} as const;

/** A refused or failed request. The message never holds headers, query values, bodies or credentials. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly method: string | undefined;
  readonly path: string | undefined;

  constructor(init: KubeErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.status = init.status;
    this.reason = init.reason;
    this.details = init.details;
    this.retryAfterSeconds = init.retryAfterSeconds;
    this.method = init.method;
    this.path = init.path;
  }
}

function hasStatus(error: unknown, status: number, reason?: string): boolean {
  if (!(error instanceof KubeError) || error.status !== status) return false;
  return reason === undefined || error.reason === reason;
}

/** 404: the object, its namespace or its kind does not exist. */
export const isNotFound = (error: unknown): boolean => hasStatus(error, 404);
/** 409 `AlreadyExists`: an object of that name exists. */
export const isAlreadyExists = (error: unknown): boolean => hasStatus(error, 409, 'AlreadyExists');
/** 409 for any other reason: old resourceVersion, failed precondition, field owned by another manager. */
export const isConflict = (error: unknown): boolean => hasStatus(error, 409) && !isAlreadyExists(error);
/** 410: the resourceVersion or continue token is too old; list again. */
export const isGone = (error: unknown): boolean => hasStatus(error, 410);
/** 422: a field is invalid; `details.causes` says which. */
export const isInvalid = (error: unknown): boolean => hasStatus(error, 422);
/** 400. */
export const isBadRequest = (error: unknown): boolean => hasStatus(error, 400);
/** 401. */
export const isUnauthorized = (error: unknown): boolean => hasStatus(error, 401);
/** 403: RBAC, admission or quota. */
export const isForbidden = (error: unknown): boolean => hasStatus(error, 403);
/** 429. */
export const isTooManyRequests = (error: unknown): boolean => hasStatus(error, 429);
/** The server's word that a namespace or object is being deleted, so that nothing can be created in it. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  hasStatus(error, 403) &&
  ((error as KubeError).details?.causes?.some((c) => c.reason === 'NamespaceTerminating') ?? false);
/** The request reached no one or got no answer: connection, timeout, malformed or cut response. */
export const isTransportError = (error: unknown): boolean => hasStatus(error, 0);

/**
 * Another attempt may succeed without anyone changing the request: transport errors, 408, 429 and 5xx. Whether the first
 * attempt took effect is unknown (but for 429).
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  const { status } = error;
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/** The rejection of an aborted request, of whatever signal. */
export function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { name?: unknown }).name === 'AbortError';
}
