/**
 * Base of links in answers, without a slash at its end: the URL that the gateway was told it has, else the address by which
 * the caller reached it.
 */
export function baseUrlOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  publicUrl?: string,
  overTls = false,
): string {
  if (publicUrl !== undefined) return publicUrl;
  const host = headers['host'];
  const isHost =
    typeof host === 'string' && /^[a-zA-Z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9a-fA-F:.]{2,45}\](:\d{1,5})?$/.test(host);
  return isHost ? `${overTls ? 'https' : 'http'}://${host}` : '';
}
