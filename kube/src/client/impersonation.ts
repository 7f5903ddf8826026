/** In whose name a request is made. */
export interface Impersonation {
  user: string;
  /** All groups of the user; `system:authenticated` is added by the server. */
  groups?: readonly string[] | undefined;
  /**
   * What else is known of the request, by key (lower case, such as `example.com/token`): it stands in the audit log. The own identity
   * needs the verb `impersonate` on `userextras/KEY` of authentication.k8s.io.
   */
  extra?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * The headers by which an apiserver takes a request as somebody else's. Names travel as UTF-8.
 *
 * @throws RangeError for a name that is empty or holds a control character: no header can carry it
 */
export function impersonationHeaders({
  user,
  groups = [],
  extra = {},
}: Impersonation): Record<string, string | string[]> {
  return {
    'impersonate-user': headerValue('user', user),
    ...(groups.length > 0 && { 'impersonate-group': groups.map((group) => headerValue('group', group)) }),
    ...Object.fromEntries(
      Object.entries(extra).flatMap(([key, value]) =>
        value === undefined || value === '' ? [] : [[extraHeader(key), headerValue('extra', value)]],
      ),
    ),
  };
}

/** A header's name has no slash: it is written in percents. */
function extraHeader(key: string): string {
  if (!/^[a-z0-9._/-]+$/.test(key)) throw new RangeError(`${JSON.stringify(key.slice(0, 64))} is no key of an extra`);
  return `impersonate-extra-${encodeURIComponent(key).toLowerCase()}`;
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
