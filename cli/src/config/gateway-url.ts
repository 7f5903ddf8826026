import { usageFailure } from '../failure.ts';

/**
 * The address of a gateway as it is stored: without a slash at its end.
 *
 * @param from where it was found, for the message
 * @throws Failure for anything but an http or https address without credentials, query and fragment
 */
export function gatewayUrl(text: string, from: string): string {
  const url = URL.parse(text);
  const allowed = 'must be an address such as https://osmo.example.com';
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw usageFailure(`${from}: ${JSON.stringify(text)}: ${allowed}`);
  // The text isn't repeated: it holds a password.
  if (url.username !== '' || url.password !== '') throw usageFailure(`${from}: ${allowed}, without user and password`);
  if (url.search !== '' || url.hash !== '')
    throw usageFailure(`${from}: ${JSON.stringify(text)}: ${allowed}, without '?' and '#'`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
