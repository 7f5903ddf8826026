import type { AccessOptions } from '../credentials.ts';
import { isServiceUrl } from '../location-parameters.ts';
import type { AzureLocation } from '../location.ts';

/** How an account is reached and who asks. */
export interface AzureAccess {
  /** Base URL of the account, without '/' at its end. */
  endpoint: string;
  who: { kind: 'key'; key: string } | { kind: 'signature'; query: string } | { kind: 'ambient' };
}

/**
 * Reads the secret of a data credential for Azure: a connection string, a shared access signature (`sv=…&sig=…`) or the key
 * of the account. Without one it is the identity of the pod or machine.
 *
 * @throws RangeError when it is for another account or can't be used; it doesn't repeat it
 */
export function accessOf(location: AzureLocation, { credentials, endpoint }: AccessOptions): AzureAccess {
  const { account } = location;
  const own = location.endpoint ?? endpoint;
  const secret = credentials?.secretAccessKey.trim() ?? '';
  const at = (other?: string): string =>
    (own ?? other ?? `https://${account}.blob.core.windows.net`).replace(/\/+$/, '');
  if (secret === '') return { endpoint: at(), who: { kind: 'ambient' } };
  if (/(^|;)\s*(AccountName|BlobEndpoint|DefaultEndpointsProtocol)=/i.test(secret))
    return ofConnection(account, secret, at);
  if (/(^|[?&])sig=/.test(secret))
    return { endpoint: at(), who: { kind: 'signature', query: secret.replace(/^\?/, '') } };
  return { endpoint: at(), who: { kind: 'key', key: checkedKey(account, secret) } };
}

function ofConnection(account: string, text: string, at: (other?: string) => string): AzureAccess {
  const fields = new Map<string, string>();
  for (const part of text.split(';')) {
    const cut = part.indexOf('=');
    if (cut > 0) fields.set(part.slice(0, cut).trim().toLowerCase(), part.slice(cut + 1).trim());
  }
  const named = fields.get('accountname');
  if (named !== undefined && named !== account) {
    throw new RangeError(`connection string for azure://${account}: is for the account ${JSON.stringify(named)}`);
  }
  const scheme = fields.get('defaultendpointsprotocol') ?? 'https';
  const suffix = fields.get('endpointsuffix') ?? 'core.windows.net';
  const endpoint = at(fields.get('blobendpoint') ?? `${scheme}://${account}.blob.${suffix}`);
  if (!isServiceUrl(endpoint))
    throw new RangeError(`connection string for azure://${account}: its BlobEndpoint is no http or https URL`);
  const signature = fields.get('sharedaccesssignature');
  if (signature !== undefined) return { endpoint, who: { kind: 'signature', query: signature.replace(/^\?/, '') } };
  const key = fields.get('accountkey');
  if (key === undefined) {
    throw new RangeError(`connection string for azure://${account}: has neither AccountKey nor SharedAccessSignature`);
  }
  return { endpoint, who: { kind: 'key', key: checkedKey(account, key) } };
}

function checkedKey(account: string, key: string): string {
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return key;
  throw new RangeError(
    `credential for azure://${account}: access_key must be a connection string, a shared access signature or the account's key`,
  );
}
