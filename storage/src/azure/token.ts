import { readFile } from 'node:fs/promises';

/** A token for Azure's services, in the form that its SDK asks for it. */
export interface AccessToken {
  token: string;
  /** Milliseconds since 1970. */
  expiresOnTimestamp: number;
}

export interface TokenSource {
  getToken(): Promise<AccessToken>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const resource = 'https://storage.azure.com/';
/** Tokens are asked for anew this long before their end. */
const marginMs = 5 * 60_000;
const timeoutMs = 30_000;
const instanceMetadata = 'http://169.254.169.254/metadata/identity/oauth2/token';

/**
 * Tokens of the identity that Azure gives to this pod (workload identity: AZURE_TENANT_ID, AZURE_CLIENT_ID and
 * AZURE_FEDERATED_TOKEN_FILE are in its environment) or, without it, to this machine. That is an exchange of one token for
 * another; Azure's own package for it is 400 kB of code and more ways to log in.
 */
export function ambientTokens(environment: Environment, { now = Date.now, ask = fetch } = {}): TokenSource {
  let known: AccessToken | undefined;
  let asking: Promise<AccessToken> | undefined;
  return {
    getToken: async () => {
      if (known !== undefined && known.expiresOnTimestamp - marginMs > now()) return known;
      asking ??= newToken(environment, now, ask).finally(() => {
        asking = undefined;
      });
      known = await asking;
      return known;
    },
  };
}

async function newToken(environment: Environment, now: () => number, ask: typeof fetch): Promise<AccessToken> {
  const request = await requestOf(environment);
  const answer = await ask(request.url, { ...request.init, signal: AbortSignal.timeout(timeoutMs) });
  const fields = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const { access_token: token, expires_in: seconds, error } = fields;
  if (!answer.ok || typeof token !== 'string') {
    const why = typeof error === 'string' ? error : 'no token in its answer';
    throw Object.assign(new Error(`${new URL(request.url).host} gave no token: ${why}`), {
      statusCode: answer.status >= 500 || answer.status === 429 ? answer.status : 401,
    });
  }
  return { token, expiresOnTimestamp: now() + Number(seconds ?? 0) * 1000 };
}

async function requestOf(environment: Environment): Promise<{ url: string; init: RequestInit }> {
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_FEDERATED_TOKEN_FILE: file } = environment;
  if (tenant && client && file) {
    const authority = (environment['AZURE_AUTHORITY_HOST'] || 'https://login.microsoftonline.com').replace(/\/+$/, '');
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      scope: `${resource}.default`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: (await readFile(file, 'utf8')).trim(),
    });
    return { url: `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`, init: { method: 'POST', body } };
  }
  const query = new URLSearchParams({ 'api-version': '2018-02-01', resource, ...(client && { client_id: client }) });
  return { url: `${instanceMetadata}?${query.toString()}`, init: { headers: { Metadata: 'true' } } };
}
