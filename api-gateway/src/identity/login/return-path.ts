/**
 * Where somebody goes on after signing in: a path of this gateway. Whatever would lead elsewhere, in any way that browsers read
 * addresses, is its first page.
 */
export function returnPath(wanted: string | undefined, publicUrl: string): string {
  const home = new URL(publicUrl);
  const first = `${home.pathname.replace(/\/+$/, '')}/`;
  // Browsers read a backslash as a slash, and leave control characters out.
  // oxlint-disable-next-line no-control-regex
  if (wanted === undefined || !wanted.startsWith('/') || /^\/[/\\]|[\u0000-\u001f\u007f\\]/.test(wanted)) return first;
  const url = URL.canParse(wanted, home.origin) ? new URL(wanted, home.origin) : undefined;
  if (url === undefined || url.origin !== home.origin || url.pathname.startsWith('//')) return first;
  return `${url.pathname}${url.search}${url.hash}`;
}
