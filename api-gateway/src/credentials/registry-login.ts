import { dockerHub } from '@osmo/crds';
import { type Outgoing, OutgoingError, OutgoingReasons } from '@osmo/kube/outgoing';

/** What became of a trial; `said` is for people and holds nothing of the credential. */
export type Verdict = { ok: true } | { ok: false; said: string; unsure?: true };

/** Bytes of a challenge or a token. */
const maxResponseBytes = 64 * 1024;

/**
 * Logs in to a registry, as `docker login` does: `/v2/`, and where that names a token service, there with the login and then again with its
 * token (distribution.github.io/distribution/spec/auth/token). A registry that lets everybody in says nothing about a login.
 *
 * @throws OutgoingError when the registry can't be asked; the signal's reason
 */
export async function loginAtRegistry(
  outgoing: Pick<Outgoing, 'fetch' | 'check'>,
  { scope, username, password }: { scope: string; username: string; password: string },
  signal: AbortSignal,
): Promise<Verdict> {
  const host = scope.split('/')[0] ?? '';
  const name = host === dockerHub ? 'registry-1.docker.io' : host;
  const get = (url: string, authorization?: string): Promise<Response> =>
    outgoing.fetch(url, { headers: authorization === undefined ? {} : { authorization }, signal, maxResponseBytes });
  const { answer: first, base } = await firstAnswer(outgoing, get, name);
  if (first.ok) return { ok: true };
  if (first.status !== 401)
    return { ok: false, said: `answers HTTP ${first.status} to /v2/, so that it seems to be no registry` };
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const challenge = challengeOf(first.headers.get('www-authenticate') ?? '');
  if (challenge === undefined)
    return { ok: false, said: 'asks for a login in a way that is not known (neither Basic nor Bearer)' };
  if (challenge.scheme === 'basic') return verdictOf(await get(`${base}/v2/`, basic));
  const realm = URL.canParse(challenge.realm) ? new URL(challenge.realm) : undefined;
  if (realm === undefined) return { ok: false, said: 'names no token service that can be called' };
  if (challenge.service !== undefined) realm.searchParams.set('service', challenge.service);
  realm.searchParams.set('account', username);
  const tokenAnswer = await get(realm.href, basic);
  if (!tokenAnswer.ok) return verdictOf(tokenAnswer);
  const token = await tokenOf(tokenAnswer);
  if (token === undefined) return { ok: false, said: `has a token service, ${realm.host}, that gave no token` };
  return verdictOf(await get(`${base}/v2/`, `Bearer ${token}`));
}

/** Over TLS; where an administrator allows plain HTTP to the host, and it has no TLS, also without. */
async function firstAnswer(
  outgoing: Pick<Outgoing, 'check'>,
  get: (url: string) => Promise<Response>,
  name: string,
): Promise<{ answer: Response; base: string }> {
  const base = `https://${name}`;
  try {
    return { answer: await get(`${base}/v2/`), base };
  } catch (error) {
    if (!(error instanceof OutgoingError) || error.reason !== OutgoingReasons.failed) throw error;
    const plain = `http://${name}`;
    try {
      outgoing.check(plain);
    } catch {
      throw error;
    }
    return { answer: await get(`${plain}/v2/`), base: plain };
  }
}

function verdictOf({ ok, status }: Response): Verdict {
  if (ok) return { ok: true };
  if (status === 401 || status === 403) return { ok: false, said: `refuses the login (HTTP ${status})` };
  return { ok: false, said: `answers HTTP ${status} to the login` };
}

async function tokenOf(answer: Response): Promise<string | undefined> {
  try {
    const body = (await answer.json()) as { token?: unknown; access_token?: unknown } | null;
    const token = body?.token ?? body?.access_token;
    return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

interface Challenge {
  scheme: 'basic' | 'bearer';
  realm: string;
  service: string | undefined;
}

/** Reads `Bearer realm="…",service="…"` or `Basic realm="…"`; of several the first that is known. */
export function challengeOf(header: string): Challenge | undefined {
  const [, scheme = '', rest = ''] = /(?:^|,\s*)(basic|bearer)\b\s*(.*)$/i.exec(header) ?? [];
  if (scheme === '') return undefined;
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain] of rest.matchAll(/([a-z_]+)=(?:"([^"]*)"|([^\s,"]*))/gi))
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), quoted ?? plain ?? '');
  return {
    scheme: scheme.toLowerCase() === 'basic' ? 'basic' : 'bearer',
    realm: parameters.get('realm') ?? '',
    service: parameters.get('service'),
  };
}
