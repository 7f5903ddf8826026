import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkKey } from './keys.ts';

/** Where an S3-compatible store is. */
export interface S3Location {
  kind: 's3';
  bucket: string;
  /** Put before every key, without '/' at either end; '' is the bucket itself. */
  prefix: string;
  /** Base URL of the service; absent: AWS, or what AWS_ENDPOINT_URL says. */
  endpoint?: string;
  region?: string;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`; absent: where an endpoint is given. */
  pathStyle?: boolean;
}

/** A folder of this machine. */
export interface FileLocation {
  kind: 'file';
  /** Absolute. */
  path: string;
}

export type StoreLocation = S3Location | FileLocation;

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const forms = '"file:///folder" or "s3://bucket/prefix?endpoint=https://host:port&region=name&pathStyle=true"';

/**
 * Reads the URL of an object store. It never holds credentials.
 *
 * @throws RangeError naming the part that can't be used and what is allowed; it doesn't repeat a password
 */
export function parseStoreUrl(text: string): StoreLocation {
  const url = URL.parse(text);
  if (url === null)
    throw new RangeError(`store URL ${JSON.stringify(withoutUser(text))}: is no URL; allowed is ${forms}`);
  if (url.username !== '' || url.password !== '') {
    throw new RangeError(`store URL of ${url.host}: must hold no credentials; give them by environment or options`);
  }
  if (url.hash !== '') throw new RangeError(`store URL ${JSON.stringify(text)}: must have no fragment (#)`);
  if (url.protocol === 'file:') return fileLocation(url, text);
  if (url.protocol === 's3:') return s3Location(url, text);
  throw new RangeError(`store URL ${JSON.stringify(text)}: ${url.protocol} is not known; allowed is ${forms}`);
}

/** The location as a URL, which `parseStoreUrl` reads back to the same. */
export function storeUrl(location: StoreLocation): string {
  if (location.kind === 'file') return `file://${location.path.split('/').map(encodeURIComponent).join('/')}`;
  const query = new URLSearchParams();
  for (const name of ['endpoint', 'region'] as const) {
    const value = location[name];
    if (value !== undefined) query.set(name, value);
  }
  if (location.pathStyle !== undefined) query.set('pathStyle', String(location.pathStyle));
  const parameters = query.size === 0 ? '' : `?${query.toString()}`;
  return `s3://${location.bucket}${location.prefix === '' ? '' : `/${location.prefix}`}${parameters}`;
}

function withoutUser(text: string): string {
  return text.replace(/\/\/[^/]*@/g, '//…@');
}

function fileLocation(url: URL, text: string): FileLocation {
  if (url.host !== '' || url.search !== '') {
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

function s3Location(url: URL, text: string): S3Location {
  if (!bucketName.test(url.hostname) || url.port !== '') {
    const allowed = 'a bucket has 3 to 63 lower-case letters, digits, "." and "-"';
    throw new RangeError(`store URL ${JSON.stringify(text)}: bucket ${JSON.stringify(url.host)}: ${allowed}`);
  }
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '');
  if (prefix !== '') checkKey(prefix);
  const location: S3Location = { kind: 's3', bucket: url.hostname, prefix };
  for (const [name, value] of url.searchParams) setParameter(location, name, value);
  return location;
}

function setParameter(location: S3Location, name: string, value: string): void {
  const wrong = (allowed: string): RangeError =>
    new RangeError(
      `store URL of s3://${location.bucket}: parameter ${name}=${JSON.stringify(withoutUser(value))}: ${allowed}`,
    );
  switch (name) {
    case 'endpoint': {
      const endpoint = URL.parse(value);
      const plain = endpoint !== null && endpoint.username === '' && endpoint.password === '' && endpoint.search === '';
      if (!plain || !/^https?:$/.test(endpoint.protocol))
        throw wrong('must be an http or https URL without credentials');
      location.endpoint = value.replace(/\/+$/, '');
      return;
    }
    case 'region':
      if (!/^[a-z0-9-]{1,64}$/.test(value)) throw wrong('must be lower-case letters, digits and "-"');
      location.region = value;
      return;
    case 'pathStyle':
      if (value !== 'true' && value !== 'false') throw wrong('must be true or false');
      location.pathStyle = value === 'true';
      return;
    default:
      throw new RangeError(
        `store URL of s3://${location.bucket}: parameter ${JSON.stringify(name)} is not known; ` +
          `allowed are endpoint, region and pathStyle`,
      );
  }
}
