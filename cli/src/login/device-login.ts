import type { ProviderLogin } from '../config/config-file.ts';
import { ExitCodes } from '../exit-codes.ts';
import { Failure, usageFailure } from '../failure.ts';
import type { Session } from '../session.ts';
import { newChallenge } from './pkce.ts';
import { endpointOf, type LoginInfo, loginFrom, postForm, refusalOf, scope } from './provider.ts';

const grant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Signs in with a browser anywhere: somebody types a code there while this process asks whether it is done (RFC 8628). */
export async function deviceLogin(session: Session, info: LoginInfo): Promise<ProviderLogin> {
  const { host } = session;
  const client = info.device_client_id || info.browser_client_id || '';
  const [device = '', endpoint = ''] = [info.device_endpoint, info.token_endpoint].map((each) =>
    endpointOf(each, 'code', info),
  );
  // Providers that demand it of the client's other flow demand it here too.
  const { verifier, challenge } = newChallenge();
  const started = await postForm(host, device, {
    ...{ client_id: client, scope, code_challenge: challenge, code_challenge_method: 'S256' },
  });
  if (started.status !== 200) throw usageFailure(`the identity provider refused the login: ${refusalOf(started)}`);
  const { body } = started;
  const text = (key: string): string => (typeof body[key] === 'string' ? body[key] : '');
  const [deviceCode, userCode, address] = [text('device_code'), text('user_code'), text('verification_uri')];
  if (deviceCode === '' || userCode === '' || address === '')
    throw new Failure(ExitCodes.server, 'the identity provider gave no code to sign in with');
  const whole = text('verification_uri_complete');
  session.note(
    text('message') ||
      `To sign in, open ${address} and enter the code ${userCode}${whole === '' ? '' : `, or open ${whole}`}`,
  );
  let pause = numberOr(body['interval'], 5);
  const until = host.now().getTime() + numberOr(body['expires_in'], 600) * 1000;
  while (host.now().getTime() < until) {
    // One after the other: that is what waiting is.
    // oxlint-disable-next-line no-await-in-loop
    await host.sleep(pause * 1000, host.signal);
    // oxlint-disable-next-line no-await-in-loop
    const answer = await postForm(host, endpoint, {
      ...{ grant_type: grant, device_code: deviceCode, client_id: client, code_verifier: verifier },
    });
    const { error } = answer.body;
    if (error === 'slow_down') pause += 5;
    else if (error !== 'authorization_pending') return loginFrom(answer, { method: 'code', endpoint, client });
  }
  throw usageFailure('nobody signed in with the code in time; try again');
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0 && value <= 86_400 ? value : otherwise;
}
