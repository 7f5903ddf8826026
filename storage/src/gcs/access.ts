import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccessOptions } from '../credentials.ts';
import type { GcsLocation } from '../location.ts';
import { type GoogleAccount, googleAccountOf, serviceAccountOf } from './account.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Who asks: an account with a key, or the machine's or pod's own identity. */
export type GoogleIdentity = { kind: 'account'; account: GoogleAccount } | { kind: 'machine'; metadata: string };

const metadataHost = '169.254.169.254';

/**
 * Finds out who asks: the credential's service account, else what the environment gives, in the order of Google's own libraries: a key in
 * GOOGLE_CREDENTIALS, a file that GOOGLE_APPLICATION_CREDENTIALS names, the login that gcloud keeps, the metadata server of the machine or pod
 * (GKE's workload identity).
 *
 * @throws RangeError when one of them is there and can't be used; never with a value that could be secret
 */
export async function identityOf(
  location: GcsLocation,
  { credentials }: AccessOptions,
  environment: Environment,
): Promise<GoogleIdentity> {
  if (credentials !== undefined) {
    const what = `credential for gs://${location.bucket}: access_key`;
    return { kind: 'account', account: serviceAccountOf(credentials.secretAccessKey, what) };
  }
  const { GOOGLE_CREDENTIALS: text, GOOGLE_APPLICATION_CREDENTIALS: file } = environment;
  if (text) return { kind: 'account', account: googleAccountOf(text, 'GOOGLE_CREDENTIALS') };
  if (file)
    return {
      kind: 'account',
      account: googleAccountOf(await textOf(file), `GOOGLE_APPLICATION_CREDENTIALS (${file})`),
    };
  const kept = loginFile(environment);
  const login = kept === undefined ? undefined : await readFile(kept, 'utf8').catch(() => undefined);
  if (kept !== undefined && login !== undefined) return { kind: 'account', account: googleAccountOf(login, kept) };
  return { kind: 'machine', metadata: `http://${environment['GCE_METADATA_HOST'] || metadataHost}` };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException;
    throw new RangeError(`GOOGLE_APPLICATION_CREDENTIALS (${file}): can't be read: ${code}`, { cause: error });
  }
}

function loginFile({ CLOUDSDK_CONFIG: folder, HOME: home }: Environment): string | undefined {
  const name = 'application_default_credentials.json';
  if (folder) return join(folder, name);
  return home ? join(home, '.config/gcloud', name) : undefined;
}
