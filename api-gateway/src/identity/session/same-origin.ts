import { RequestError } from '../../http/errors.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Refuses what a page of somebody else had a browser send with the cookie of whoever is signed in. Browsers say where a request comes
 * from: `Sec-Fetch-Site`, and `Origin` with everything that changes something. One that says neither is none, and needs no cookie.
 *
 * @throws RequestError 403
 */
export function demandSameOrigin(headers: Headers, publicUrl: string | undefined): void {
  const site = headers['sec-fetch-site'];
  const origin = headers['origin'];
  const own = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  const good = (site === undefined || site === 'same-origin') && (origin === undefined || origin === own);
  if (good && (site !== undefined || origin !== undefined)) return;
  const message =
    'a browser’s session can change something only from pages of this gateway (Sec-Fetch-Site, Origin); scripts use a token';
  throw new RequestError(403, 'USER', message);
}
