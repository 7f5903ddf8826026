import type { ProviderLogin } from '../config/config-file.ts';
import { claimsOf } from '../config/token.ts';
import { ExitCodes } from '../exit-codes.ts';
import { Failure, usageFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { GatewayClient } from '../http/client.ts';
import { connectionError } from '../http/connection-error.ts';
import { textOf } from '../http/exchange.ts';

/** What the gateway says about signing in: endpoints of its identity provider, empty where there are none. */
export interface LoginInfo {
  device_endpoint?: string;
  device_client_id?: string;
  browser_endpoint?: string;
  browser_client_id?: string;
  token_endpoint?: string;
  /** Ways to sign in that are possible; older gateways don't say. */
  methods?: readonly string[];
}

/** Upstream's, always. */
export const scope = 'openid offline_access profile';

/** How long an answer of an identity provider may take, ms, and how large it may be. */
const answerMs = 30_000;
const longestAnswer = 1 << 20;

/** Asks the gateway how to sign in there; nobody needs to be known for that. */
export async function loginInfoOf(host: Host, url: string): Promise<LoginInfo> {
  const client = new GatewayClient({ host, url, identity: async () => ({}) });
  return client.json<LoginInfo>({ path: '/api/auth/login' });
}

/**
 * An endpoint that secrets may be sent to.
 *
 * @throws Failure where there is none, which says what else is possible; and for one that isn't https, but for this machine's own
 */
export function endpointOf(value: string | undefined, method: string, { methods }: LoginInfo): string {
  if (value === undefined || value === '') {
    const others = (methods ?? ['token']).filter((each) => each !== 'browser' && each !== method);
    throw usageFailure(
      `--method ${method}: this gateway doesn't offer it; it offers ${others.map((each) => `--method ${each}`).join(', ')}`,
    );
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const local = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url?.hostname ?? '');
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && local)) return value;
  throw usageFailure(`${JSON.stringify(value)}: the endpoint of an identity provider must begin with https://`);
}

/** An answer of the provider: 200, or the refusal that OAuth has words for. */
export interface ProviderAnswer {
  status: number;
  body: Readonly<Record<string, unknown>>;
}

/** Sends a form to an endpoint of the provider. @throws Failure 10 when it can't be reached or sends something else than JSON */
export async function postForm(
  host: Host,
  address: string,
  form: Readonly<Record<string, string>>,
): Promise<ProviderAnswer> {
  const timeout = AbortSignal.timeout(answerMs);
  const name = new URL(address).host;
  let text: string;
  let status: number;
  try {
    const answer = await host.exchange(address, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(form).toString(),
      signal: AbortSignal.any([host.signal, timeout]),
    });
    ({ status } = answer);
    text = await textOf(answer.body);
  } catch (error) {
    if (host.signal.aborted) throw new Failure(ExitCodes.interrupted, 'interrupted');
    const what = timeout.aborted ? `no answer within ${answerMs / 1000} s` : connectionError(error).message;
    throw new Failure(ExitCodes.server, `the identity provider ${name}: ${what}`);
  }
  try {
    const body: unknown = text.length > longestAnswer ? undefined : JSON.parse(text);
    if (typeof body === 'object' && body !== null) return { status, body: body as Record<string, unknown> };
  } catch {
    // Told below.
  }
  throw new Failure(ExitCodes.server, `the identity provider ${name} answered with status ${status} and no JSON`);
}

/** What a refusal says, without anything that was sent. */
export function refusalOf({ status, body }: ProviderAnswer): string {
  const [error, description] = [body['error'], body['error_description']].map((each) =>
    // oxlint-disable-next-line no-control-regex
    typeof each === 'string' ? each.slice(0, 200).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ') : '',
  );
  return [error || `status ${status}`, description].filter((each) => each !== '').join(': ');
}

/** The login that an answer of a token endpoint makes. @throws Failure for a refusal, and for an answer without an ID token */
export function loginFrom(
  answer: ProviderAnswer,
  how: Pick<ProviderLogin, 'method' | 'endpoint' | 'client'>,
  former?: string,
): ProviderLogin {
  if (answer.status !== 200) throw usageFailure(`the identity provider refused the login: ${refusalOf(answer)}`);
  const { id_token: token, refresh_token: given } = answer.body;
  if (typeof token !== 'string' || claimsOf(token) === undefined)
    throw new Failure(
      ExitCodes.server,
      'the identity provider gave no ID token; its client must allow the scope openid',
    );
  const refresh = typeof given === 'string' ? given : former;
  return { ...how, token, ...(refresh !== undefined && { refresh }) };
}
