import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPrefix } from './keys.ts';
import { type FileLocation, type StoreLocation, withoutUser } from './location.ts';
import { setParameter } from './location-parameters.ts';

const forms =
  '"s3://bucket/prefix", "gs://bucket/prefix", "azure://account/container/prefix", "tos://host/bucket/prefix", ' +
  '"swift://host/AUTH_account/container/prefix" or "file:///folder", ' +
  'and behind it where needed "?endpoint=https://host:port&region=name&pathStyle=true"';

/**
 * Reads the URL of an object store. It never holds credentials. Paths are taken literally: `%` stands for itself.
 *
 * @throws RangeError naming the part that can't be used and what is allowed; it doesn't repeat a password
 */
export function parseStoreUrl(text: string): StoreLocation {
  const parts = /^([a-z][a-z0-9+.-]*:)\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(#[^]*)?$/i.exec(text);
  if (parts === null)
    throw new RangeError(`store URL ${JSON.stringify(withoutUser(text))}: is no URL; allowed is ${forms}`);
  const [, protocol = '', authority = '', path = '', query = '', fragment] = parts;
  if (authority.includes('@')) {
    const host = authority.slice(authority.lastIndexOf('@') + 1);
    throw new RangeError(`store URL of ${host}: must hold no credentials; give them by environment or options`);
  }
  if (fragment !== undefined)
    throw new RangeError(`store URL ${JSON.stringify(withoutUser(text))}: must have no fragment (#)`);
  if (protocol === 'file:') return fileLocation(text);
  const location = locationOf(protocol, authority, path, text);
  for (const [name, value] of new URLSearchParams(query)) setParameter(location, name, value);
  return location;
}

const host = /^(?=.{1,253}(?::|$))[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d{1,5})?$/;
/** What a part may be called, and how that is said. */
const names = {
  bucket: [/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'has 3 to 63 lower-case letters, digits, "." and "-"'],
  'gs bucket': [/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, 'has 3 to 222 lower-case letters, digits, ".", "-" and "_"'],
  account: [/^[a-z0-9]{3,24}$/, 'has 3 to 24 lower-case letters and digits'],
  container: [/^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'has 3 to 63 lower-case letters, digits and single "-"'],
  host: [host, 'is a host name in lower case, with a port where needed'],
  'Swift account': [/^[A-Za-z0-9_.-]{1,256}$/, 'has letters, digits, "_", "." and "-"'],
  'Swift container': [/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/, 'has letters, digits, ".", "_" and "-"'],
} as const;

function locationOf(
  protocol: string,
  authority: string,
  path: string,
  text: string,
): Exclude<StoreLocation, FileLocation> {
  const segments = path.replace(/^\/+|\/+$/g, '').split('/');
  const part = (what: keyof typeof names, value = ''): string => {
    const [pattern, allowed] = names[what];
    if (pattern.test(value)) return value;
    const word = what === 'gs bucket' ? 'bucket' : what;
    throw new RangeError(`store URL ${JSON.stringify(text)}: ${word} ${JSON.stringify(value)}: a ${word} ${allowed}`);
  };
  const prefix = (from: number): string => checkPrefix(segments.slice(from).join('/'));
  switch (protocol) {
    case 's3:':
      return { kind: 's3', bucket: part('bucket', authority), prefix: prefix(0) };
    case 'gs:':
      return { kind: 'gs', bucket: part('gs bucket', authority), prefix: prefix(0) };
    case 'azure:':
      return {
        kind: 'azure',
        account: part('account', authority),
        container: part('container', segments[0]),
        prefix: prefix(1),
      };
    case 'tos:':
      return { kind: 'tos', host: part('host', authority), bucket: part('bucket', segments[0]), prefix: prefix(1) };
    case 'swift:':
      return {
        kind: 'swift',
        host: part('host', authority),
        namespace: part('Swift account', segments[0]),
        container: part('Swift container', segments[1]),
        prefix: prefix(2),
      };
    default:
      throw new RangeError(`store URL ${JSON.stringify(text)}: ${protocol} is not known; allowed is ${forms}`);
  }
}

function fileLocation(text: string): FileLocation {
  const url = URL.parse(text);
  if (url === null || url.host !== '' || url.search !== '') {
    throw new RangeError(`store URL ${JSON.stringify(text)}: must be file:///folder, without a host or parameters`);
  }
  let path: string;
  try {
    path = fileURLToPath(url);
  } catch (error) {
    throw new RangeError(`store URL ${JSON.stringify(text)}: ${(error as Error).message}`, { cause: error });
  }
  if (!isAbsolute(path) || resolve(path) === '/') {
    throw new RangeError(`store URL ${JSON.stringify(text)}: must name a folder other than /`);
  }
  return { kind: 'file', path: resolve(path) };
}
