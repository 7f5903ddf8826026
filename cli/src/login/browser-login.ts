import { randomBytes } from 'node:crypto';
import type { ProviderLogin } from '../config/config-file.ts';
import { payloadOf } from '../config/token.ts';
import { ExitCodes } from '../exit-codes.ts';
import { Failure, usageFailure } from '../failure.ts';
import type { Session } from '../session.ts';
import { newChallenge } from './pkce.ts';
import { endpointOf, type LoginInfo, loginFrom, postForm, scope } from './provider.ts';

/** How long somebody may take, as upstream has it. */
const waitMs = 300_000;

/** Signs in with the browser of this machine: it comes back to a port of this machine with a code, which only this process can use. */
export async function browserLogin(
  session: Session,
  info: LoginInfo,
  { port, open }: { port: number; open: boolean },
): Promise<ProviderLogin> {
  const { host } = session;
  const client = info.browser_client_id ?? '';
  const [browser, endpoint] = [info.browser_endpoint, info.token_endpoint].map((each) =>
    endpointOf(each, 'pkce', info),
  );
  const { verifier, challenge } = newChallenge();
  const [state, nonce] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')];
  const callback = await host.listen(port, state);
  try {
    const redirectUri = `http://localhost:${callback.port}`;
    const address = new URL(browser ?? '');
    const parameters = {
      ...{ client_id: client, response_type: 'code', redirect_uri: redirectUri, response_mode: 'query' },
      ...{ scope, state, nonce, code_challenge: challenge, code_challenge_method: 'S256' },
    };
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    const opened = open && (await host.open(address.href));
    session.note(
      `${opened ? 'Your browser was opened. If it shows nothing, open' : 'Open'} this address to sign in:\n${address.href}`,
    );
    const answer = await callback.answer(waitMs);
    const code = answer.get('code');
    if (code === null)
      throw usageFailure(`the identity provider refused the login: ${answer.get('error') ?? 'no code'}`);
    const tokens = await postForm(host, endpoint ?? '', {
      ...{ grant_type: 'authorization_code', client_id: client, code, code_verifier: verifier },
      ...{ redirect_uri: redirectUri, scope },
    });
    const login = loginFrom(tokens, { method: 'pkce', endpoint: endpoint ?? '', client });
    if (payloadOf(login.token)?.['nonce'] !== nonce)
      throw new Failure(ExitCodes.server, 'the identity provider gave an ID token of another login (nonce)');
    return login;
  } finally {
    callback.close();
  }
}
