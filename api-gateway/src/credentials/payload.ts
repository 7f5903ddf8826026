import {
  type CredentialSpec,
  dockerHub,
  genericSecretName,
  mostCredentialKeys,
  nameAsObject,
  registryScope,
  registrySecretName,
} from '@osmo/crds';
import { credentialsFrom, dataSecretName, profileOf } from '@osmo/storage';
import { RequestError } from '../http/errors.ts';

/** What a request hands in: exactly one of the three. */
export interface CredentialBody {
  registry_credential?: Fields | null;
  data_credential?: Fields | null;
  generic_credential?: { credential?: Record<string, unknown> } | null;
}
type Fields = Record<string, unknown>;

/** A credential as it is to be kept. Its values are in `data` alone. */
export interface NewCredential {
  type: CredentialSpec['type'];
  /** What it applies to by itself: scope of a registry, profile of a storage URL. */
  profile: string | undefined;
  /** Name of its Secret when it is shared. */
  sharedName: string;
  /** What the Secret holds. */
  data: Readonly<Record<string, string>>;
  secretType: 'Opaque' | 'kubernetes.io/dockerconfigjson';
  /** How it can be tried. */
  trial: Trial | undefined;
}

/** What tells whether a credential is of any use. */
export type Trial =
  | { kind: 'registry'; scope: string; username: string; password: string }
  | { kind: 'data'; url: string; fields: Readonly<Record<string, string>> };

/** What the apiserver takes in one Secret, with room for the rest of it. */
const mostBytes = 900_000;
const secretKey = /^[-._a-zA-Z0-9]{1,253}$/;
const nameRule = /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;

const wrong = (message: string): RequestError => new RequestError(400, 'CREDENTIAL', message);

/** @throws RequestError 400 for a name that no credential can have, by upstream's rule */
export function credentialName(name: string | undefined): string {
  if (name !== undefined && name.length <= 64 && nameRule.test(name)) return name;
  const shown = JSON.stringify((name ?? '').slice(0, 128));
  throw wrong(
    `name: ${shown}: must be at most 64 letters, digits, '-' and '_', starting with a letter and ending with a letter or digit`,
  );
}

/**
 * Reads what a request hands in. No message repeats a value.
 *
 * @throws RequestError 400 (CREDENTIAL) naming the field, what is allowed and what to do
 */
export function readCredential(name: string, body: CredentialBody): NewCredential {
  const given = (['registry_credential', 'data_credential', 'generic_credential'] as const).filter(
    (field) => body[field] !== undefined && body[field] !== null,
  );
  const [field] = given;
  if (field === undefined || given.length > 1)
    throw wrong('the body must have exactly one of registry_credential, data_credential and generic_credential');
  if (field === 'registry_credential') return registryCredential(body.registry_credential ?? {});
  if (field === 'data_credential') return dataCredential(body.data_credential ?? {});
  return genericCredential(name, body.generic_credential?.credential);
}

function registryCredential(body: Fields): NewCredential {
  const at = 'registry_credential';
  const fields = texts(body, at, ['auth'], ['registry', 'username']);
  const scope = registryScope(fields['registry'] ?? '');
  if (scope === undefined)
    throw wrong(
      `${at}.registry: must be a registry, or a path of one, such as nvcr.io or nvcr.io/org; empty means Docker Hub`,
    );
  const { username, password } = login(fields);
  const key = scope === dockerHub ? 'https://index.docker.io/v1/' : scope;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const config = JSON.stringify({ auths: { [key]: { username, password, auth } } });
  return {
    type: 'Registry',
    profile: scope,
    sharedName: registrySecretName(scope),
    data: { '.dockerconfigjson': config },
    secretType: 'kubernetes.io/dockerconfigjson',
    trial: { kind: 'registry', scope, username, password },
  };
}

/** Without a user `auth` is what Docker's own files hold: both in base64. */
function login(fields: Readonly<Record<string, string>>): { username: string; password: string } {
  const { username = '', auth = '' } = fields;
  if (username !== '') return { username, password: auth };
  const [user, ...rest] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  if (user !== undefined && /^[\x21-\x7e]+$/.test(user) && rest.length > 0)
    return { username: user, password: rest.join(':') };
  throw wrong(
    "registry_credential.username: must be given, unless auth is base64 of user:password, as in Docker's own files (for NGC: $oauthtoken)",
  );
}

function dataCredential(body: Fields): NewCredential {
  const at = 'data_credential';
  const optional = ['region', 'override_url', 'addressing_style'];
  const fields = texts(body, at, ['access_key_id', 'access_key', 'endpoint'], optional);
  const url = (fields['endpoint'] ?? '').replace(/\/+$/, '');
  try {
    credentialsFrom(fields);
    const profile = profileOf(url);
    return {
      type: 'Data',
      profile,
      sharedName: dataSecretName(profile),
      data: { ...fields, endpoint: url },
      secretType: 'Opaque',
      trial: { kind: 'data', url, fields },
    };
  } catch (error) {
    if (error instanceof RangeError) throw wrong(`${at}: ${error.message}`);
    throw error;
  }
}

function genericCredential(name: string, payload: unknown): NewCredential {
  const at = 'generic_credential.credential';
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw wrong(`${at}: must be an object of keys and values`);
  const keys = Object.keys(payload);
  if (keys.length === 0 || keys.length > mostCredentialKeys)
    throw wrong(`${at}: must have 1 to ${mostCredentialKeys} keys`);
  const key = keys.find((each) => !secretKey.test(each) || each === '.' || each.startsWith('..'));
  if (key !== undefined)
    throw wrong(
      `${at}: key ${JSON.stringify(key.slice(0, 64))}: must be at most 253 letters, digits, '-', '_' and '.'`,
    );
  return {
    type: 'Generic',
    profile: undefined,
    sharedName: genericSecretName(nameAsObject(name)),
    data: texts(payload as Fields, at, keys, []),
    secretType: 'Opaque',
    trial: undefined,
  };
}

/** The fields that are allowed, as texts; empty optional ones are as good as absent. */
function texts(
  body: Fields,
  at: string,
  required: readonly string[],
  optional: readonly string[],
): Record<string, string> {
  const other = Object.keys(body).find((key) => !required.includes(key) && !optional.includes(key));
  if (other !== undefined)
    throw wrong(
      `${at}: ${JSON.stringify(other.slice(0, 64))} is no field of it; allowed are ${[...required, ...optional].join(', ')}`,
    );
  const found = new Map<string, string>();
  let bytes = 0;
  for (const key of [...required, ...optional]) {
    const value = body[key];
    if (value === undefined || value === null || value === '') {
      if (required.includes(key) && (value === undefined || value === null || at !== 'generic_credential.credential'))
        throw wrong(`${at}.${key}: must be given`);
      if (value !== '' || optional.includes(key)) continue;
    }
    if (typeof value !== 'string') throw wrong(`${at}.${key}: must be a text`);
    bytes += Buffer.byteLength(value);
    found.set(key, value);
  }
  if (bytes > mostBytes) throw wrong(`${at}: ${bytes} bytes are too many; at most ${mostBytes} are allowed`);
  return Object.fromEntries(found);
}
