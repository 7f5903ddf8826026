import { createSign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { StoreError } from '../store-error.ts';
import type { GoogleIdentity } from './access.ts';
import { type ExternalAccount, objectOf, type ServiceAccount } from './account.ts';
import type { Answer, Ask } from './http.ts';

/** Gives tokens for requests; it keeps one until shortly before its end. */
export type Tokens = () => Promise<string>;

interface Token {
  token: string;
  /** Milliseconds since 1970. */
  ends: number;
}

const scope = 'https://www.googleapis.com/auth/devstorage.read_write';
/** What is exchanged is bounded by the roles of whom it stands for. */
const anyScope = 'https://www.googleapis.com/auth/cloud-platform';
/** Google's metadata server keeps a token until 4 minutes before its end, and gives the same one again before that. */
const marginMs = 3 * 60_000;
const timeoutMs = 30_000;
/** The metadata server is on the machine itself, and elsewhere nobody answers. */
const metadataTimeoutMs = 5_000;
const assertionSeconds = 3600;
const mostBytes = 64 * 1024;

/**
 * Tokens of an identity. Google's own package for that (google-auth-library) is 1.7 MB of code with 20 packages; these are one signature, or one
 * exchange of a token for another.
 *
 * @param url of the store, for errors
 */
export function googleTokens(
  identity: GoogleIdentity,
  { url, ask, now = Date.now }: { url: string; ask: (request: Ask) => Promise<Answer>; now?: () => number },
): Tokens {
  let known: Token | undefined;
  let asking: Promise<Token> | undefined;
  const source = new TokenSource(url, ask, now);
  return async () => {
    if (known !== undefined && known.ends - marginMs > now()) return known.token;
    asking ??= source.of(identity).finally(() => {
      asking = undefined;
    });
    known = await asking;
    return known.token;
  };
}

class TokenSource {
  readonly #url: string;
  readonly #ask: (request: Ask) => Promise<Answer>;
  readonly #now: () => number;

  constructor(url: string, ask: (request: Ask) => Promise<Answer>, now: () => number) {
    this.#url = url;
    this.#ask = ask;
    this.#now = now;
  }

  async of(identity: GoogleIdentity): Promise<Token> {
    if (identity.kind === 'machine') return this.#ofMachine(identity.metadata);
    const { account } = identity;
    switch (account.kind) {
      case 'service_account':
        return this.#exchanged(account.tokenUrl, {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: this.#assertion(account),
        });
      case 'authorized_user':
        return this.#exchanged(account.tokenUrl, {
          grant_type: 'refresh_token',
          client_id: account.clientId,
          client_secret: account.clientSecret,
          refresh_token: account.refreshToken,
        });
      case 'external_account':
        return this.#ofExternal(account);
    }
  }

  async #ofMachine(metadata: string): Promise<Token> {
    const request = {
      method: 'GET' as const,
      url: `${metadata}/computeMetadata/v1/instance/service-accounts/default/token?scopes=${encodeURIComponent(scope)}`,
      headers: { 'metadata-flavor': 'Google' },
    };
    const advice =
      'there is no credential for it, and no identity of the machine or pod: give the key of a service account, GOOGLE_APPLICATION_CREDENTIALS or workload identity';
    const { status, fields } = await this.#answered(request, metadataTimeoutMs).catch((error: unknown) => {
      throw new StoreError('Denied', this.#url, `${advice} (${(error as Error).message})`, { cause: error });
    });
    if (status === 404) throw new StoreError('Denied', this.#url, `${advice} (the machine has no service account)`);
    return this.#tokenIn(metadata, status, fields);
  }

  async #ofExternal(account: ExternalAccount): Promise<Token> {
    const token = await this.#exchanged(account.tokenUrl, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: account.audience,
      scope: anyScope,
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token: await this.#subjectToken(account),
      subject_token_type: account.subjectTokenType,
    });
    if (account.impersonationUrl === undefined) return token;
    const url = account.impersonationUrl;
    const { status, fields } = await this.#answered({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token.token}` },
      body: [Buffer.from(JSON.stringify({ scope: [scope] }))],
    });
    const { accessToken, expireTime } = fields;
    const ends = typeof expireTime === 'string' ? Date.parse(expireTime) : Number.NaN;
    return this.#tokenIn(url, status, {
      ...fields,
      access_token: accessToken,
      expires_in: Number.isNaN(ends) ? 0 : (ends - this.#now()) / 1000,
    });
  }

  async #subjectToken({ file, field }: ExternalAccount): Promise<string> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new StoreError('Denied', this.#url, `the token in ${file} can't be read: ${error.code ?? 'failed'}`, {
        cause: error,
      });
    });
    if (field === undefined) return text.trim();
    const value = objectOf(text)?.[field];
    if (typeof value === 'string') return value;
    throw new StoreError('Denied', this.#url, `${file} has no text in its field ${JSON.stringify(field)}`);
  }

  #assertion({ email, keyId, privateKey, tokenUrl }: ServiceAccount): string {
    const at = Math.floor(this.#now() / 1000);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = part({ alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) });
    const text = `${head}.${part({ iss: email, scope, aud: tokenUrl, iat: at, exp: at + assertionSeconds })}`;
    try {
      return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
    } catch {
      // Of the error nothing is told: it may repeat what it could not read.
      throw new StoreError('Denied', this.#url, `the private_key of ${email} is no RSA key in PEM`);
    }
  }

  async #exchanged(url: string, form: Readonly<Record<string, string>>): Promise<Token> {
    const { status, fields } = await this.#answered({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: [Buffer.from(new URLSearchParams(form).toString())],
    });
    return this.#tokenIn(url, status, fields);
  }

  async #answered(
    request: Ask,
    limitMs = timeoutMs,
  ): Promise<{ status: number; fields: Readonly<Record<string, unknown>> }> {
    const { host } = new URL(request.url);
    try {
      const { status, body } = await this.#ask({ ...request, signal: AbortSignal.timeout(limitMs) });
      const pieces: Uint8Array[] = [];
      let size = 0;
      for await (const piece of body) {
        size += piece.byteLength;
        if (size > mostBytes) break;
        pieces.push(piece);
      }
      return { status, fields: objectOf(Buffer.concat(pieces).toString()) ?? {} };
    } catch (error) {
      throw new StoreError('Unavailable', this.#url, `${host} gave no token: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  #tokenIn(url: string, status: number, fields: Readonly<Record<string, unknown>>): Token {
    const { access_token: token, expires_in: seconds, error, error_description: description } = fields;
    if (status === 200 && typeof token === 'string') return { token, ends: this.#now() + Number(seconds ?? 0) * 1000 };
    const texts = [error, description].filter((each) => typeof each === 'string');
    const why = texts.length === 0 ? 'no token in its answer' : texts.join(': ').slice(0, 300);
    const reason = status >= 500 || status === 429 ? 'Unavailable' : 'Denied';
    throw new StoreError(reason, this.#url, `${new URL(url).host} gave no token: ${why} (HTTP ${status})`);
  }
}
