import type { AccessOptions } from '../credentials.ts';
import { type GcsLocation, placeOf, type S3Location, type SwiftLocation, type TosLocation } from '../location.ts';

/** A bucket of a service that speaks S3, and what is particular to it. */
export interface S3Target {
  bucket: string;
  /** Put before every key, without '/' at either end. */
  prefix: string;
  /** What errors call it: the URL that the user wrote, without parameters. */
  url: string;
  endpoint: string | undefined;
  region: string | undefined;
  pathStyle: boolean | undefined;
  /**
   * Whether writes may have conditions. GCS ignores If-None-Match and If-Match of writes by this interface
   * (cloud.google.com/storage/docs/xml-api/reference-headers: "for requests that retrieve data").
   */
  conditionalWrites: boolean;
  /** Whether several objects can be deleted by one request; GCS has none of S3's. */
  batchDelete: boolean;
}

/** How a location is reached by S3. What its URL says wins over the options, and those over what its scheme implies. */
export function s3LocationOf(
  location: S3Location | GcsLocation | TosLocation | SwiftLocation,
  options: AccessOptions = {},
): S3Target {
  const place = placeOf(location);
  const ownedByGoogle = location.kind === 'gs' && (location.endpoint ?? options.endpoint) === undefined;
  return {
    bucket: location.kind === 'swift' ? location.container : location.bucket,
    prefix: location.prefix,
    url: location.prefix === '' ? place : `${place}/${location.prefix}`,
    endpoint: location.endpoint ?? options.endpoint ?? serviceOf(location),
    region: location.region ?? options.region ?? regionOf(location),
    pathStyle: location.pathStyle ?? options.pathStyle ?? (location.kind === 'tos' ? false : undefined),
    conditionalWrites: !ownedByGoogle,
    batchDelete: location.kind !== 'gs',
  };
}

function serviceOf(location: S3Location | GcsLocation | TosLocation | SwiftLocation): string | undefined {
  if (location.kind === 's3') return undefined;
  return location.kind === 'gs' ? 'https://storage.googleapis.com' : `https://${location.host}`;
}

/** Upstream's defaults; a TOS host names its region: `tos-s3-<region>.…`. */
function regionOf(location: S3Location | GcsLocation | TosLocation | SwiftLocation): string | undefined {
  if (location.kind === 'gs') return 'us-east1';
  if (location.kind === 'tos') return /^tos(?:-s3)?-([a-z0-9-]+)\./.exec(location.host)?.[1];
  return undefined;
}
