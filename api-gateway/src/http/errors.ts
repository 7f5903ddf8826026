import { isNotFound, KubeError } from '@osmo/kube';

/** Upstream's words for kinds of errors; the exit code of its client depends on them. */
export type ErrorCode =
  | 'USER'
  | 'USAGE'
  | 'RESOURCE'
  | 'CREDENTIAL'
  | 'SUBMISSION'
  | 'SCHEMA'
  | 'NOTFOUND'
  | 'BACKEND'
  | 'SERVER'
  | 'OSMO_ERROR';

/** The body of every answer that is an error. */
export interface ErrorBody {
  message: string;
  error_code: ErrorCode;
  /** Id of the workflow that it is about, where there is one. */
  workflow_id: string | null;
}

/** A request that is refused: what the caller is told. The message names field, value, what is allowed and what to do. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  readonly code: ErrorCode;
  readonly workflowId: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    extra: { workflowId?: string | undefined; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.workflowId = extra.workflowId;
    this.headers = extra.headers ?? {};
  }

  get body(): ErrorBody {
    return { message: this.message, error_code: this.code, workflow_id: this.workflowId ?? null };
  }
}

export const badRequest = (message: string): RequestError => new RequestError(400, 'USAGE', message);
export const notFound = (message: string, workflowId?: string): RequestError =>
  new RequestError(404, 'NOTFOUND', message, { workflowId });
export const forbidden = (message: string): RequestError => new RequestError(403, 'USER', message);

/**
 * What a caller is told about any failure: the own words of a RequestError, the apiserver's word about a request that was
 * made in the caller's name, and nothing but a request id about everything else.
 */
export function toRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof KubeError) return fromKube(error);
  const status = (error as { status?: unknown } | null)?.status;
  const type = (error as { type?: unknown } | null)?.type;
  // What the body parser of Express throws has both.
  if (typeof status === 'number' && status >= 400 && status < 500 && typeof type === 'string')
    return fromParser(status, type);
  if (error instanceof URIError) return badRequest('the path holds a malformed percent-encoding');
  return new RequestError(500, 'SERVER', 'Internal server error; the log of the gateway has more under the request id');
}

function fromKube(error: KubeError): RequestError {
  const { status, message } = error;
  if (isNotFound(error)) return notFound(message);
  if (status === 403) return forbidden(message);
  if (status === 409) return new RequestError(409, 'USER', message);
  if (status === 400 || status === 422) return new RequestError(400, 'SUBMISSION', message);
  if (status === 413) return new RequestError(413, 'USAGE', message);
  if (status === 429) {
    const headers = { 'retry-after': String(error.retryAfterSeconds ?? 1) };
    return new RequestError(429, 'SERVER', 'the Kubernetes API takes no more requests now; try again', { headers });
  }
  return new RequestError(503, 'SERVER', `the Kubernetes API failed (${error.reason}); try again`, {
    headers: { 'retry-after': '1' },
  });
}

function fromParser(status: number, type: string): RequestError {
  const words: Record<string, string> = {
    'entity.parse.failed': 'the body is not JSON',
    'entity.too.large': 'the body is too large',
    'encoding.unsupported': 'the content encoding of the body is not supported; send it as it is',
    'charset.unsupported': 'the character set of the body is not supported; send UTF-8',
    'request.aborted': 'the request was aborted',
    'request.size.invalid': 'the body is not as long as content-length says',
  };
  return new RequestError(status, 'USAGE', words[type] ?? 'the body cannot be read');
}
