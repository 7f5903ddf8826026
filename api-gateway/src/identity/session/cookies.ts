/** How the gateway's cookies are called and marked: by the URL that browsers reach it at. */
export interface CookieStyle {
  /** Over TLS they are `__Host-`: for this host alone, set by it alone, and never sent in the clear. */
  secure: boolean;
}

/** Letters of one cookie: browsers keep 4096 bytes, name and attributes included. */
const chunkLength = 3_800;
const mostChunks = 5;
/** Letters of a Cookie header that are looked at; the server takes no larger one anyway. */
const longestHeader = 32 << 10;

/** The name as a browser has it. */
export function cookieName({ secure }: CookieStyle, name: string): string {
  return secure ? `__Host-${name}` : name;
}

/** The cookies of a request. Of several with a name the first counts: browsers send the most specific first. */
export function parseCookies(header: string | string[] | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  const text = (Array.isArray(header) ? header.join(';') : (header ?? '')).slice(0, longestHeader);
  for (const pair of text.split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(at, 0)).trim();
    if (name !== '' && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}

/**
 * One `Set-Cookie`: not for scripts, and not sent along when pages of others send something.
 *
 * @param sent `cross-site`: sent along with that too, for the end of a login that another site brings back by POST. Browsers take such
 *   cookies only as `Secure`, which they do from this machine also without TLS.
 */
export function setCookie(
  style: CookieStyle,
  name: string,
  value: string,
  maxAgeSeconds: number,
  sent: 'same-site' | 'cross-site' = 'same-site',
): string {
  const flags = sent === 'cross-site' ? 'SameSite=None; Secure' : `SameSite=Lax${style.secure ? '; Secure' : ''}`;
  return `${cookieName(style, name)}=${value}; Path=/; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}; HttpOnly; ${flags}`;
}

/**
 * The `Set-Cookie`s of a text of any length: the first says how many there are, so that what a longer one has left counts for nothing.
 *
 * @returns undefined for a text that is too long for cookies
 */
export function setLongCookie(
  style: CookieStyle,
  name: string,
  text: string,
  maxAgeSeconds: number,
): string[] | undefined {
  const chunks = text.match(new RegExp(`.{1,${chunkLength}}`, 'gs')) ?? [''];
  if (chunks.length > mostChunks) return undefined;
  return chunks.map((chunk, at) => {
    const value = at === 0 ? `${chunks.length}.${chunk}` : chunk;
    return setCookie(style, at === 0 ? name : `${name}-${at}`, value, maxAgeSeconds);
  });
}

/** The text that `setLongCookie` was given; undefined when there is none, or not all of it. */
export function readLongCookie(
  style: CookieStyle,
  name: string,
  cookies: ReadonlyMap<string, string>,
): string | undefined {
  const own = cookieName(style, name);
  const [, count, first] = /^([1-9])\.(.*)$/s.exec(cookies.get(own) ?? '') ?? [];
  if (count === undefined || first === undefined || Number(count) > mostChunks) return undefined;
  const rest = Array.from({ length: Number(count) - 1 }, (_, at) => cookies.get(`${own}-${at + 1}`));
  return rest.includes(undefined) ? undefined : [first, ...rest].join('');
}

/** The `Set-Cookie`s that take a long cookie away, as far as it is there. */
export function clearLongCookie(style: CookieStyle, name: string, cookies: ReadonlyMap<string, string>): string[] {
  const names = [name, ...Array.from({ length: mostChunks - 1 }, (_, at) => `${name}-${at + 1}`)];
  return names.filter((each) => cookies.has(cookieName(style, each))).map((each) => setCookie(style, each, '', 0));
}
