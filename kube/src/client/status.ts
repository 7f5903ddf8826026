import { KubeError, type Status } from './errors.ts';
import { redact } from './redact.ts';
import { parseRetryAfter } from './retry.ts';

const reasonsByStatus: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** Whether a decoded body is a metav1.Status. */
export function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Status';
}

/** The error that a Status object says. `fallback` is the HTTP status, for Status objects without a code. */
export function errorFromStatus(
  status: Status,
  context: { method?: string; path?: string; fallback: number; retryAfterSeconds?: number | undefined },
): KubeError {
  const code = status.code ?? context.fallback;
  return new KubeError({
    status: code,
    reason: status.reason || reasonsByStatus[code] || 'Unknown',
    message: status.message || `the server answered ${code}`,
    details: status.details,
    retryAfterSeconds: context.retryAfterSeconds ?? status.details?.retryAfterSeconds,
    method: context.method,
    path: context.path,
  });
}

/** The error of an answer with status ≥ 400: of its Status body, or of whatever a proxy in between said. */
export function errorFromResponse(
  response: { status: number; headers: Record<string, string | string[] | undefined>; body: Uint8Array },
  context: { method: string; path: string; now: Date },
): KubeError {
  const { status } = response;
  const retryAfterSeconds = parseRetryAfter(response.headers['retry-after'], context.now);
  const text = Buffer.from(response.body).toString('utf8');
  const body = parseJson(text);
  if (isStatus(body)) {
    return errorFromStatus(body, { method: context.method, path: context.path, fallback: status, retryAfterSeconds });
  }
  const said = redact(text.trim().replace(/\s+/g, ' ').slice(0, 256));
  return new KubeError({
    status,
    reason: reasonsByStatus[status] ?? 'Unknown',
    message: `${context.method} ${context.path}: the server answered ${status}${said === '' ? '' : `: ${said}`}`,
    retryAfterSeconds,
    method: context.method,
    path: context.path,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
