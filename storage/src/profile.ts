import { createHash } from 'node:crypto';
import { parseStoreUrl } from './parse-url.ts';

/**
 * The profile of a storage URL: the part that one data credential is for.
 *
 * @returns `s3://bucket`, `gs://bucket`, `azure://account`, `tos://host/bucket` or `swift://host/AUTH_account`
 * @throws RangeError when the URL can't be used, or is a folder of a machine, which needs no credential
 */
export function profileOf(url: string): string {
  const location = parseStoreUrl(url);
  switch (location.kind) {
    case 's3':
    case 'gs':
      return `${location.kind}://${location.bucket}`;
    case 'azure':
      return `azure://${location.account}`;
    case 'tos':
      return `tos://${location.host}/${location.bucket}`;
    case 'swift':
      return `swift://${location.host}/${location.namespace}`;
    case 'file':
      throw new RangeError(
        `store URL ${JSON.stringify(url)}: a folder of a machine has no profile and needs no credential`,
      );
  }
}

const longestSecretName = 253;
const hashLength = 8;
/** Names of Kubernetes: labels of letters, digits and '-', with a letter or digit at either end, joined by '.'. */
const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/**
 * Name of the Secret that holds the data credential of a profile: `s3://robots` → `data-s3-robots`. A profile with other
 * characters than a Secret's name may have gets '-' for each, and its own hash at the end, so that no two share a name.
 */
export function dataSecretName(profile: string): string {
  const plain = `data-${profile.replace('://', '-')}`;
  if (plain.length <= longestSecretName && subdomain.test(plain)) return plain;
  const hash = createHash('sha256').update(profile).digest('hex').slice(0, hashLength);
  const readable = plain
    .replace(/[^a-z0-9.-]/g, '-')
    .replace(/-*\.[.-]*/g, '.')
    .slice(0, longestSecretName - hashLength - 1)
    .replace(/[.-]+$/, '');
  return `${readable}-${hash}`;
}
