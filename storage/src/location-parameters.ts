import { type FileLocation, placeOf, type ServiceParameters, type StoreLocation, withoutUser } from './location.ts';

/**
 * Sets a parameter of a store's URL.
 *
 * @throws RangeError naming the parameter and what is allowed
 */
export function setParameter(location: Exclude<StoreLocation, FileLocation>, name: string, value: string): void {
  const wrong = (allowed: string): RangeError =>
    new RangeError(
      `store URL of ${placeOf(location)}: parameter ${name}=${JSON.stringify(withoutUser(value))}: ${allowed}`,
    );
  if (name === 'endpoint') {
    if (!isServiceUrl(value)) throw wrong('must be an http or https URL without credentials');
    location.endpoint = value.replace(/\/+$/, '');
    return;
  }
  if (location.kind !== 'azure' && setServiceParameter(location, name, value, wrong)) return;
  const allowed = location.kind === 'azure' ? 'allowed is endpoint' : 'allowed are endpoint, region and pathStyle';
  throw new RangeError(`store URL of ${placeOf(location)}: parameter ${JSON.stringify(name)} is not known; ${allowed}`);
}

/** Whether a text is the base URL of a service: http or https, without credentials or parameters. */
export function isServiceUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

/** Whether a text can be the name of a region. */
export function isRegion(text: string): boolean {
  return /^[a-z0-9-]{1,64}$/.test(text);
}

function setServiceParameter(
  location: ServiceParameters,
  name: string,
  value: string,
  wrong: (allowed: string) => RangeError,
): boolean {
  if (name === 'region') {
    if (!isRegion(value)) throw wrong('must be lower-case letters, digits and "-"');
    location.region = value;
    return true;
  }
  if (name === 'pathStyle') {
    if (value !== 'true' && value !== 'false') throw wrong('must be true or false');
    location.pathStyle = value === 'true';
    return true;
  }
  return false;
}
