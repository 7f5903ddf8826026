import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { authoritiesIn } from '../config/authorities.ts';
import type { Context, Login } from '../config/config-file.ts';
import { exchangeToken } from '../config/exchange.ts';
import { gatewayUrl } from '../config/gateway-url.ts';
import { claimsOf, isEnding } from '../config/token.ts';
import { Failure, usageFailure } from '../failure.ts';
import { GatewayClient } from '../http/client.ts';
import type { Session } from '../session.ts';
import type { Input, Verb } from '../verb.ts';

export const login: Verb = {
  path: ['login'],
  summary: 'Sign in at a gateway',
  description:
    'The login is kept in a context of the configuration file, which becomes the current one. The address is that of OSMO_URL, or of the current context, when none is given.',
  arguments: [{ name: 'url', description: 'address of the gateway', optional: true }],
  options: [
    {
      flags: '--method <method>',
      description:
        'pkce: at the identity provider, with the browser of this machine, and the default; code: with a browser elsewhere; password: with a password; token: an access token, or a token of the cluster; dev: a name, believed by a local cluster',
      choices: ['pkce', 'code', 'password', 'token', 'dev'],
    },
    {
      flags: '--username <name>',
      description: 'name to use with dev, where that of the user of this machine is the default, or with password',
    },
    {
      flags: '--password <password>',
      description: 'password; - to read it from standard input; asked for when not given',
    },
    { flags: '--password-file <file>', description: 'file that holds the password' },
    {
      flags: '--callback-port <port>',
      description: 'port that the browser comes back to; any when 0',
      type: 'integer',
      default: 0,
    },
    { flags: '--show-address', description: 'show the address to sign in at instead of opening it' },
    { flags: '--browser-endpoint <url>', description: 'where the browser is sent, instead of what the gateway says' },
    { flags: '--device-endpoint <url>', description: 'where a code is asked for, instead of what the gateway says' },
    { flags: '--token <token>', description: 'the token, or - to read it from standard input' },
    { flags: '--token-file <file>', description: 'file that holds the token' },
    {
      flags: '--certificate-authority <file>',
      description:
        'authorities that the certificate of the gateway is signed by, instead of the public ones; kept with the login',
    },
    { flags: '--pool <name>', description: 'pool for submissions that name none' },
    { flags: '--namespace <name>', description: 'namespace for submissions and lists that name none' },
  ],
  examples: [
    ['login https://osmo.example.com', 'at its identity provider, with the browser of this machine'],
    ['login https://osmo.example.com --method code', 'with a browser elsewhere'],
    ['login --method dev', 'at the gateway of `make up`, after `source .cluster/env`'],
    ['login https://osmo.example.com --method token --token-file ./token', 'with a token from a file'],
    ['login https://osmo.example.com --method token --token - < token', 'with a token from standard input'],
    ['login https://osmo.example.com --method token --token - --context lab', 'into a context of that name'],
  ],
  async run(session, input) {
    const { host } = session;
    const url = await addressOf(session, input);
    const authority = authorityOf(session, input);
    if (authority !== undefined) session.trust(url, authority);
    const made = await loginOf(session, input, url);
    const name = await welcomed(session, url, made);
    const config = await session.config();
    const context = session.contextFlag ?? nameFor(url, config.contexts);
    const { login: _former, ...known } = config.contexts[context] ?? {};
    const pool = input.text('pool');
    const namespace = input.text('namespace');
    const entry: Context = {
      ...known,
      url,
      login: made,
      ...(authority !== undefined && { 'certificate-authority': authority }),
      ...(pool !== undefined && { pool }),
      ...(namespace !== undefined && { namespace }),
    };
    await session.save({ ...config, 'current-context': context, contexts: { ...config.contexts, [context]: entry } });
    session.print(`Successfully logged in. Welcome ${name}.`);
    const other = host.env['OSMO_URL'];
    if (other !== undefined && other !== '' && gatewayUrl(other, 'OSMO_URL') !== url)
      session.note(`OSMO_URL is ${other} and wins over the context ${context}; unset it to use ${url}.`);
  },
};

function authorityOf({ host }: Session, input: Input): string | undefined {
  const file = input.text('certificate-authority');
  if (file === undefined) return undefined;
  authoritiesIn(host, file);
  return isAbsolute(file) ? file : resolve(host.cwd, file);
}

async function addressOf(session: Session, input: Input): Promise<string> {
  const [given] = input.args;
  if (given !== undefined) return gatewayUrl(given, 'url');
  const { contextFlag, host } = session;
  const config = await session.config();
  const fromFlag = contextFlag === undefined ? undefined : config.contexts[contextFlag]?.url;
  const current = config['current-context'];
  const known =
    fromFlag ?? (host.env['OSMO_URL'] || (current === undefined ? undefined : config.contexts[current]?.url));
  if (known !== undefined) return gatewayUrl(known, fromFlag === undefined ? 'OSMO_URL' : '--context');
  throw usageFailure('url: must be given: no gateway was used before, and OSMO_URL is not set');
}

async function loginOf(session: Session, input: Input, url: string): Promise<Login> {
  const { host } = session;
  const dev = /^(1|true|yes)$/i.test(host.env['OSMO_LOGIN_DEV'] ?? '');
  const given = input.text('token') ?? input.text('token-file');
  const method = input.text('method') ?? (given !== undefined ? 'token' : dev ? 'dev' : 'pkce');
  if (method === 'dev') {
    const user = input.text('username') ?? host.user;
    if (user === '') throw usageFailure('--username: must be given: the user of this machine has no name');
    return { method, user };
  }
  if (method === 'token') {
    const token = await tokenOf(session, input);
    // A token of the cluster is a JWT and is sent as it is; anything else is an access token.
    if (claimsOf(token) === undefined) {
      const open = new GatewayClient({ host, url, identity: async () => ({}) });
      return { method, token: await exchangeToken(open, token), secret: token };
    }
    if (isEnding(token, host.now())) throw usageFailure('--token: has ended; get a new one');
    return { method, token };
  }
  const { loginInfoOf } = await import('../login/provider.ts');
  const asked = await loginInfoOf(host, url);
  const [browserEndpoint, deviceEndpoint] = [input.text('browser-endpoint'), input.text('device-endpoint')];
  const info = {
    ...asked,
    ...(browserEndpoint !== undefined && { browser_endpoint: browserEndpoint }),
    ...(deviceEndpoint !== undefined && { device_endpoint: deviceEndpoint }),
  };
  if (method === 'code') return (await import('../login/device-login.ts')).deviceLogin(session, info);
  if (method === 'password') {
    const { passwordLogin } = await import('../login/password-login.ts');
    return passwordLogin(host, info, await passwordOf(session, input));
  }
  const { browserLogin } = await import('../login/browser-login.ts');
  return browserLogin(session, info, { port: input.integer('callback-port') ?? 0, open: !input.flag('show-address') });
}

async function passwordOf(session: Session, input: Input): Promise<{ username: string; password: string }> {
  const { host } = session;
  const username = input.text('username') ?? (await host.ask('Username: '));
  if (username === undefined || username === '') throw usageFailure('--username: must be given');
  const [given, file] = [input.text('password'), input.text('password-file')];
  if (given !== undefined && file !== undefined)
    throw usageFailure('--password, --password-file: only one can be given');
  const read = file === undefined ? undefined : fileText(host, file, '--password-file');
  const typed = given === '-' ? await host.readInput() : given;
  const password = read ?? typed ?? (await host.ask('Password: ', { hidden: true }));
  if (password === undefined || password === '')
    throw usageFailure('--password-file: must be given, or a terminal to ask at');
  return { username, password: password.replace(/\r?\n$/, '') };
}

function fileText(host: Session['host'], file: string, flag: string): string {
  try {
    return readFileSync(isAbsolute(file) ? file : resolve(host.cwd, file), 'utf8');
  } catch (error) {
    throw usageFailure(`${flag} ${file}: can't be read: ${(error as Error).message}`);
  }
}

async function tokenOf({ host }: Session, input: Input): Promise<string> {
  const [token, file] = [input.text('token'), input.text('token-file')];
  if ((token === undefined) === (file === undefined))
    throw usageFailure('--token, --token-file: one of them must be given');
  let text = token ?? '';
  if (token === '-') text = await host.readInput();
  if (file !== undefined) text = fileText(host, file, '--token-file');
  const trimmed = text.trim();
  if (trimmed === '' || /\s/.test(trimmed)) throw usageFailure('--token: must be one word; what was given is none');
  return trimmed;
}

/** Asks the gateway who this is, so that a wrong login is told of now and not stored. */
async function welcomed(session: Session, url: string, made: Login): Promise<string> {
  const headers: Record<string, string> =
    made.method === 'dev' ? { 'x-osmo-user': made.user } : { authorization: `Bearer ${made.token}` };
  const client = new GatewayClient({ host: session.host, url, identity: async () => headers });
  try {
    const { profile } = await client.json<{ profile?: { username?: string | null } }>({
      path: '/api/profile/settings',
    });
    const claimed = made.method === 'dev' ? made.user : claimsOf(made.token)?.name;
    return profile?.username ?? claimed ?? 'you';
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 401) throw error;
    const hint =
      made.method === 'dev'
        ? 'a name alone is believed only by gateways that run with --dev, as those of `make up`'
        : 'the token is wrong or has ended';
    throw usageFailure(`${url} doesn't know this login: ${hint}`);
  }
}

/** The context that has this address already, else a new one named after its host. */
function nameFor(url: string, contexts: Readonly<Record<string, Context>>): string {
  const known = Object.entries(contexts).find(([, context]) => context.url === url);
  if (known !== undefined) return known[0];
  const { host } = new URL(url);
  for (let number = 1; ; number++) {
    const name = number === 1 ? host : `${host}-${number}`;
    if (!Object.hasOwn(contexts, name)) return name;
  }
}
