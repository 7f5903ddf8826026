/** Base of links in answers: the address by which the caller reached the gateway. */
export function baseUrlOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const host = headers['host'];
  const isHost =
    typeof host === 'string' && /^[a-zA-Z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9a-fA-F:.]{2,45}\](:\d{1,5})?$/.test(host);
  return isHost ? `http://${host}` : '';
}
