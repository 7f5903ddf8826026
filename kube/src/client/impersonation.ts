/** In whose name a request is made. */
export interface Impersonation {
  user: string;
  /** All groups of the user; `system:authenticated` is added by the server. */
  groups?: readonly string[] | undefined;
}

/**
 * The headers by which an apiserver takes a request as somebody else's. Names travel as UTF-8.
 *
 * @throws RangeError for a name that is empty or holds a control character: no header can carry it
 */
export function impersonationHeaders({ user, groups = [] }: Impersonation): Record<string, string | string[]> {
  return {
    'impersonate-user': headerValue('user', user),
    ...(groups.length > 0 && { 'impersonate-group': groups.map((group) => headerValue('group', group)) }),
  };
}

function headerValue(what: string, name: string): string {
  // Servers take spaces at the ends away, and then it would be somebody else's name.
  // oxlint-disable-next-line no-control-regex
  if (name === '' || name !== name.trim() || /[\u0000-\u001f\u007f]/.test(name)) {
    const rule = 'must not be empty, begin or end with a space, or hold control characters';
    throw new RangeError(`${what} ${JSON.stringify(name.slice(0, 64))} can't be impersonated: the name ${rule}`);
  }
  // A header is a string of bytes.
  return Buffer.from(name, 'utf8').toString('latin1');
}
