import { nameAsObject } from '@osmo/crds';
import { badRequest } from '../http/errors.ts';

/** Where a bucket is. */
export interface BucketRef {
  namespace: string;
  name: string;
}

const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const word = /^[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?$/;
const tag = /^[a-zA-Z0-9_.-]{1,63}$/;

/**
 * Reads the name by which clients mean a bucket: upstream's names as a resource can bear them, behind a namespace and a dot where it isn't
 * the default one.
 *
 * @throws RequestError 400
 */
export function bucketRefOf(id: string, defaultNamespace: string): BucketRef {
  const parts = id.split('.');
  const [namespace = '', written = ''] = parts.length === 1 ? [defaultNamespace, id] : parts;
  const name = nameAsObject(written);
  if (parts.length <= 2 && label.test(namespace) && label.test(name)) return { namespace, name };
  throw badRequest(
    `bucket ${quoted(id)}: must be NAME, or NAMESPACE.NAME in another namespace, where NAME has at most 63 letters, digits, '-' and '_' and starts and ends with a letter or digit`,
  );
}

/**
 * Checks the name of a dataset.
 *
 * @throws RequestError 400
 */
export function datasetNameOf(text: string): string {
  if (word.test(text)) return text;
  throw badRequest(
    `dataset ${quoted(text)}: must have at most 63 letters, digits, '-' and '_', and start and end with a letter or digit`,
  );
}

/** What is behind the colon: a number, a tag or `latest`. */
export type VersionName = { number: number } | { tag: string };

/**
 * Reads a number or a tag of a version.
 *
 * @throws RequestError 400
 */
export function versionNameOf(text: string): VersionName {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number >= 1 && number < 2 ** 31) return { number };
  } else if (tag.test(text)) return { tag: text };
  throw badRequest(
    `tag ${quoted(text)}: must be the number of a version from 1, 'latest', or a tag of at most 63 letters, digits, '-', '_' and '.'`,
  );
}

/**
 * Checks the name of a tag that is to be set or taken off.
 *
 * @throws RequestError 400
 */
export function tagNameOf(text: string): string {
  const named = versionNameOf(text);
  if ('tag' in named && named.tag !== 'latest') return named.tag;
  const why =
    'number' in named ? 'a tag of digits alone would look like a version' : 'the newest version has it by itself';
  throw badRequest(`tag ${quoted(text)}: can't be set or deleted: ${why}`);
}

/** A dataset of the same bucket, with a number or tag: `NAME` or `NAME:VERSION`. @throws RequestError 400 */
export function memberOf(text: string): { name: string; version: VersionName } {
  const at = text.indexOf(':');
  if (at === -1) return { name: datasetNameOf(text), version: { tag: 'latest' } };
  return { name: datasetNameOf(text.slice(0, at)), version: versionNameOf(text.slice(at + 1)) };
}

export const quoted = (text: string): string => JSON.stringify(text.slice(0, 128));
