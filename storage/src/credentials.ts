import { isRegion, isServiceUrl } from './location-parameters.ts';

/** A key pair that doesn't change. For Azure only the secret counts; for GCS it may be the JSON of a service account's key, which counts alone. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** How a store is reached, beside its URL: what a data credential says. */
export interface AccessOptions {
  /** Absent: what the environment gives (variables, files, workload identity, instance role). */
  credentials?: Credentials | undefined;
  /** Base URL of the service; the store's URL wins. */
  endpoint?: string | undefined;
  region?: string | undefined;
  pathStyle?: boolean | undefined;
}

/**
 * Reads the fields of a data credential, which are upstream's: `access_key_id`, `access_key`, `region`, `override_url`,
 * `addressing_style` (`path`, `virtual` or `auto`). `endpoint` is upstream's word for the profile that the credential is
 * for, and nothing is read from it. Other fields are left alone, empty ones are as good as absent.
 *
 * @throws RangeError naming the field and what is allowed; never a value that could be secret
 */
export function credentialsFrom(fields: Readonly<Record<string, string>>): AccessOptions {
  const text = (name: string): string | undefined => fields[name]?.trim() || undefined;
  const accessKeyId = text('access_key_id');
  const secretAccessKey = text('access_key');
  const endpoint = text('override_url');
  const region = text('region');
  const style = text('addressing_style');
  if (accessKeyId !== undefined && secretAccessKey === undefined) {
    throw new RangeError('data credential: access_key is not set although access_key_id is; set both or none');
  }
  if (endpoint !== undefined && !isServiceUrl(endpoint)) {
    throw new RangeError('data credential: override_url must be an http or https URL without credentials');
  }
  if (region !== undefined && !isRegion(region)) {
    throw new RangeError(
      `data credential: region ${JSON.stringify(region)} must be lower-case letters, digits and "-"`,
    );
  }
  if (style !== undefined && !['path', 'virtual', 'auto'].includes(style)) {
    throw new RangeError(`data credential: addressing_style ${JSON.stringify(style)} must be path, virtual or auto`);
  }
  return {
    ...(secretAccessKey !== undefined && { credentials: { accessKeyId: accessKeyId ?? '', secretAccessKey } }),
    ...(endpoint !== undefined && { endpoint: endpoint.replace(/\/+$/, '') }),
    ...(region !== undefined && { region }),
    ...((style === 'path' || style === 'virtual') && { pathStyle: style === 'path' }),
  };
}
