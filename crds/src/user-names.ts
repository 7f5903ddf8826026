import { createHash } from 'node:crypto';

const hex = (text: string, digits: number): string => createHash('sha256').update(text).digest('hex').slice(0, digits);

/** What can stand in the name of an object of any text: lower-case letters, digits and single dashes. */
const slug = (text: string, longest: number): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, longest)
    .replaceAll(/^-+|-+$/g, '');

/**
 * Name of the User object of somebody, by the name that the apiserver knows them by: what of it can stand in a name, for
 * people, and ten hex digits of its SHA-256, so that no two share one. At most 51 characters of a DNS label.
 */
export function userObjectName(user: string): string {
  const readable = slug(user, 40);
  return readable === '' ? hex(user, 10) : `${readable}-${hex(user, 10)}`;
}

/** Name of the AccessToken object of a user's token: upstream's names have capitals and underscores. At most 102 characters. */
export function accessTokenObjectName(user: string, token: string): string {
  const readable = slug(token, 39);
  return `${userObjectName(user)}.${readable === '' ? '' : `${readable}-`}${hex(token, 10)}`;
}
