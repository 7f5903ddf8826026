/** What became of a request that has no answer. */
export interface ConnectionError {
  message: string;
  /** Whether it may be sent again: `always` where it can't have arrived, `reads` where it may have. */
  again: 'always' | 'reads' | 'never';
}

/** Codes of Node for connections that didn't come about. */
const unconnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const broken = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

/** Reads what a request throws; of several addresses that were tried the first decides. */
export function connectionError(error: unknown): ConnectionError {
  const { code, message } = reasonOf(error);
  if (code !== undefined && unconnected.has(code)) return { message: `can't connect: ${message}`, again: 'always' };
  if (code !== undefined && broken.has(code)) return { message: `the connection was lost: ${message}`, again: 'reads' };
  return { message, again: 'never' };
}

function reasonOf(error: unknown): { code: string | undefined; message: string } {
  if (typeof error !== 'object' || error === null) return { code: undefined, message: String(error) };
  const { code, message, errors } = error as { code?: unknown; message?: unknown; errors?: unknown };
  // Several addresses were tried: their errors are the same but for the address.
  if (Array.isArray(errors) && errors.length > 0) return reasonOf(errors[0]);
  return { code: typeof code === 'string' ? code : undefined, message: String(message) };
}
