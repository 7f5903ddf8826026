/** How a service that speaks S3 is reached. */
export interface ServiceParameters {
  /** Base URL of the service, where it isn't the scheme's own. */
  endpoint?: string;
  region?: string;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`; absent: as the scheme's services want it. */
  pathStyle?: boolean;
}

/** Where an S3-compatible store is. */
export interface S3Location extends ServiceParameters {
  kind: 's3';
  bucket: string;
  /** Put before every key, without '/' at either end; '' is the bucket itself. */
  prefix: string;
}

/** A bucket of Google Cloud Storage. */
export interface GcsLocation extends ServiceParameters {
  kind: 'gs';
  bucket: string;
  prefix: string;
}

/** A container of Azure Blob Storage. */
export interface AzureLocation {
  kind: 'azure';
  account: string;
  container: string;
  prefix: string;
  /** Base URL of the account; absent: what the connection string says, or Azure's own. */
  endpoint?: string;
}

/** A bucket of Torch Object Storage, by its S3 interface. */
export interface TosLocation extends ServiceParameters {
  kind: 'tos';
  host: string;
  bucket: string;
  prefix: string;
}

/** A container of OpenStack Swift, by its S3 interface. */
export interface SwiftLocation extends ServiceParameters {
  kind: 'swift';
  host: string;
  /** The account, `AUTH_…`. */
  namespace: string;
  container: string;
  prefix: string;
}

/** A folder of this machine. */
export interface FileLocation {
  kind: 'file';
  /** Absolute. */
  path: string;
}

export type StoreLocation = S3Location | GcsLocation | AzureLocation | TosLocation | SwiftLocation | FileLocation;

/** The location as a URL, which `parseStoreUrl` reads back to the same. */
export function storeUrl(location: StoreLocation): string {
  if (location.kind === 'file') return `file://${location.path.split('/').map(encodeURIComponent).join('/')}`;
  const query = new URLSearchParams();
  for (const name of ['endpoint', 'region', 'pathStyle'] as const) {
    const value = (location as ServiceParameters)[name];
    if (value !== undefined) query.set(name, String(value));
  }
  const parameters = query.size === 0 ? '' : `?${query.toString()}`;
  return `${placeOf(location)}${location.prefix === '' ? '' : `/${location.prefix}`}${parameters}`;
}

/** The bucket or container of a location as a URL, without prefix and parameters. */
export function placeOf(location: Exclude<StoreLocation, FileLocation>): string {
  switch (location.kind) {
    case 's3':
    case 'gs':
      return `${location.kind}://${location.bucket}`;
    case 'azure':
      return `azure://${location.account}/${location.container}`;
    case 'tos':
      return `tos://${location.host}/${location.bucket}`;
    case 'swift':
      return `swift://${location.host}/${location.namespace}/${location.container}`;
  }
}

/** What begins with `//user:password@` loses that. */
export function withoutUser(text: string): string {
  return text.replace(/\/\/[^/]*@/g, '//…@');
}
