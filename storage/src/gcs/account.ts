import { isServiceUrl } from '../location-parameters.ts';

/** A key of a service account, as Google's console gives it. */
export interface ServiceAccount {
  kind: 'service_account';
  email: string;
  /** PEM. */
  privateKey: string;
  keyId: string | undefined;
  tokenUrl: string;
}

/** A person's own login, as `gcloud auth application-default login` keeps it. */
export interface AuthorizedUser {
  kind: 'authorized_user';
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  tokenUrl: string;
}

/** The identity of another provider (a Kubernetes cluster's, say), exchanged for one of Google's: workload identity federation. */
export interface ExternalAccount {
  kind: 'external_account';
  audience: string;
  subjectTokenType: string;
  tokenUrl: string;
  /** A file with the token of the other provider; `field` where it is JSON. */
  file: string;
  field: string | undefined;
  /** Absent: what was exchanged is used as it is. */
  impersonationUrl: string | undefined;
}

export type GoogleAccount = ServiceAccount | AuthorizedUser | ExternalAccount;

const googleTokens = 'https://oauth2.googleapis.com/token';

/**
 * Reads the key of a service account out of a data credential. Other kinds of Google's credential files are refused there: they say which file
 * is read and where it is sent, and a data credential is written by whoever may write a Secret.
 *
 * @param what names the credential in errors
 * @throws RangeError without the value
 */
export function serviceAccountOf(text: string, what: string): ServiceAccount {
  const account = googleAccountOf(text, what);
  if (account.kind === 'service_account') return account;
  throw new RangeError(
    `${what}: type ${JSON.stringify(account.kind)} can't be used here; allowed is the key of a service account ("service_account")`,
  );
}

/**
 * Reads one of Google's credential files: `service_account`, `authorized_user`, or `external_account` with a file as its source.
 *
 * @throws RangeError without the values
 */
export function googleAccountOf(text: string, what: string): GoogleAccount {
  const fields = objectOf(text);
  if (fields === undefined)
    throw new RangeError(`${what}: must be a JSON object, as in the key file of a service account`);
  const string = (name: string, from: Readonly<Record<string, unknown>> = fields): string => {
    const value = from[name];
    if (typeof value === 'string' && value !== '') return value;
    throw new RangeError(`${what}: ${name} must be a text that is not empty`);
  };
  const url = (name: string, otherwise?: string): string => {
    const value = fields[name] === undefined && otherwise !== undefined ? otherwise : string(name);
    if (!isServiceUrl(value)) throw new RangeError(`${what}: ${name} must be an http or https URL without credentials`);
    return value;
  };
  switch (fields['type']) {
    case 'service_account':
      return {
        kind: 'service_account',
        email: string('client_email'),
        privateKey: string('private_key'),
        keyId: fields['private_key_id'] === undefined ? undefined : string('private_key_id'),
        tokenUrl: url('token_uri', googleTokens),
      };
    case 'authorized_user':
      return {
        kind: 'authorized_user',
        clientId: string('client_id'),
        clientSecret: string('client_secret'),
        refreshToken: string('refresh_token'),
        tokenUrl: url('token_uri', googleTokens),
      };
    case 'external_account': {
      const source = recordOf(fields['credential_source']) ?? {};
      const format = recordOf(source['format']) ?? {};
      return {
        kind: 'external_account',
        audience: string('audience'),
        subjectTokenType: string('subject_token_type'),
        tokenUrl: url('token_url'),
        file: string('file', source),
        field: format['type'] === 'json' ? string('subject_token_field_name', format) : undefined,
        impersonationUrl:
          fields['service_account_impersonation_url'] === undefined
            ? undefined
            : url('service_account_impersonation_url'),
      };
    }
    default:
      throw new RangeError(
        `${what}: type must be "service_account", "authorized_user" or "external_account", as Google's key files have it`,
      );
  }
}

/** A JSON object; undefined when it is something else. */
export function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
