/** What became of a request that has no answer. */
export interface ConnectionError {
  message: string;
  /** Whether it may be sent again: `always` where it can't have arrived, `reads` where it may have. */
  again: 'always' | 'reads' | 'never';
}

/** Codes of Node and undici for connections that didn't come about. */
const unconnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const broken = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Reads what fetch throws, whose cause has the reason. */
export function connectionError(error: unknown): ConnectionError {
  const { code, message } = reasonOf(error);
  if (code !== undefined && unconnected.has(code)) return { message: `can't connect: ${message}`, again: 'always' };
  if (code !== undefined && broken.has(code)) return { message: `the connection was lost: ${message}`, again: 'reads' };
  return { message, again: 'never' };
}

function reasonOf(error: unknown): { code: string | undefined; message: string } {
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  const { cause } = error;
  // Several addresses were tried: their errors are the same but for the address.
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (inner instanceof Error) return reasonOf(inner);
  const { code } = error as NodeJS.ErrnoException;
  return { code: typeof code === 'string' ? code : undefined, message: error.message };
}
