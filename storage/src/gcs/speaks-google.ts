import type { AccessOptions } from '../credentials.ts';

/** Whether the secret of a data credential is meant as the key of a service account: its JSON file, whole. */
export const isAccountKey = (secret: string): boolean => secret.trimStart().startsWith('{');

/**
 * Whether a bucket of Google is asked by Google's own API: with the key of a service account, or without a key and with nothing in the
 * environment that is meant for its S3 interface. A pair of keys (HMAC) can only sign requests of that one.
 */
export function speaksGoogle(
  { credentials }: AccessOptions,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (credentials !== undefined) return isAccountKey(credentials.secretAccessKey);
  if (environment['GOOGLE_CREDENTIALS'] || environment['GOOGLE_APPLICATION_CREDENTIALS']) return true;
  return !environment['AWS_ACCESS_KEY_ID'];
}
