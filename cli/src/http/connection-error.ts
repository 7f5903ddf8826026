/** What became of a request that has no answer. */
export interface ConnectionError {
  message: string;
  /** Whether it may be sent again: `always` where it can't have arrived, `reads` where it may have. */
  again: 'always' | 'reads' | 'never';
}

/** Codes of Node for connections that didn't come about. */
const unconnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const broken = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

/** OpenSSL's words for certificates that nobody vouches for whom we trust. */
const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);
const adviceOfTrust =
  'get the file with its authorities from whoever runs it, and name it: osmo login URL --certificate-authority FILE, or OSMO_CERTIFICATE_AUTHORITY beside OSMO_URL';

/** Reads what a request throws; of several addresses that were tried the first decides. */
export function connectionError(error: unknown): ConnectionError {
  const { code, message } = reasonOf(error);
  if (code !== undefined && unconnected.has(code)) return { message: `can't connect: ${message}`, again: 'always' };
  if (code !== undefined && broken.has(code)) return { message: `the connection was lost: ${message}`, again: 'reads' };
  // What Node says after a semicolon is about its own flags.
  if (code !== undefined && untrusted.has(code))
    return {
      message: `its certificate is of an authority that isn't trusted (${message.split(';')[0]}): ${adviceOfTrust}`,
      again: 'never',
    };
  if (code === 'EPROTO')
    return { message: 'what answers there speaks no TLS: is it http:// instead of https://?', again: 'never' };
  if (code?.startsWith('HPE_') === true)
    return { message: `what answers there speaks no HTTP (${message}): is the address right?`, again: 'never' };
  return { message, again: 'never' };
}

function reasonOf(error: unknown): { code: string | undefined; message: string } {
  if (typeof error !== 'object' || error === null) return { code: undefined, message: String(error) };
  const { code, message, errors } = error as { code?: unknown; message?: unknown; errors?: unknown };
  // Several addresses were tried: their errors are the same but for the address.
  if (Array.isArray(errors) && errors.length > 0) return reasonOf(errors[0]);
  return { code: typeof code === 'string' ? code : undefined, message: String(message) };
}
