import { trustingHost } from './config/authorities.ts';
import { type Config, configPath, type ProviderLogin, readConfig, writeConfig } from './config/config-file.ts';
import { type Current, currentContext } from './config/current.ts';
import { exchangeToken } from './config/exchange.ts';
import { isEnding } from './config/token.ts';
import { usageFailure } from './failure.ts';
import type { Host } from './host.ts';
import { GatewayClient } from './http/client.ts';
import { colors, type Colors } from './output/colors.ts';

/** What the commands share: the machine, the configuration and the gateway. */
export interface Session {
  readonly host: Host;
  /** Colours of standard output. */
  readonly colors: Colors;
  readonly configFile: string;
  /** `--context`. */
  readonly contextFlag: string | undefined;
  config(): Promise<Config>;
  save(config: Config): Promise<void>;
  /** Has a gateway's certificate be signed by an authority of this file. */
  trust(url: string, file: string): void;
  /** @throws Failure when no gateway is known */
  current(): Promise<Current>;
  /** The gateway, as whoever is signed in there; nobody when nobody is. */
  gateway(): Promise<GatewayClient>;
  /** One line of standard output. */
  print(line: string): void;
  /** One line of standard error, for what is no result. */
  note(line: string): void;
}

export function newSession(machine: Host, contextFlag: string | undefined): Session {
  const configFile = configPath(machine);
  const config = (): Promise<Config> => readConfig(configFile);
  const { host, trust } = trustingHost(machine, config);
  const current = async (): Promise<Current> => {
    const found = currentContext(await config(), contextFlag, host.env['OSMO_URL']);
    if (found !== undefined) return found;
    throw usageFailure("no gateway is known: 'osmo login URL' signs in at one, or set OSMO_URL to its address");
  };
  const session: Session = {
    host,
    colors: colors(host.out, host.env),
    configFile,
    contextFlag,
    config,
    trust,
    save: (changed) => writeConfig(configFile, changed),
    current,
    async gateway() {
      const found = await current();
      return new GatewayClient({ host, url: found.context.url, identity: () => identityOf(session, found) });
    },
    print: (line) => host.out.write(`${line}\n`),
    note: (line) => host.err.write(`${line}\n`),
  };
  return session;
}

/** Headers that say who is calling. A bearer token that ends and was given for an access token is renewed and stored. */
async function identityOf(session: Session, current: Current): Promise<Record<string, string>> {
  const { context, name } = current;
  const { login } = context;
  const { host } = session;
  const token = host.env['OSMO_TOKEN'];
  if (token !== undefined && token !== '') return { authorization: `Bearer ${token}` };
  if (login === undefined) return {};
  if (login.method === 'dev') return { 'x-osmo-user': login.user };
  if (login.method !== 'token') return { authorization: `Bearer ${await providerToken(session, current, login)}` };
  if (login.secret !== undefined && isEnding(login.token, host.now())) {
    const open = new GatewayClient({ host, url: context.url, identity: async () => ({}) });
    login.token = await exchangeToken(open, login.secret);
    const config = await session.config();
    if (name !== undefined) await session.save({ ...config, contexts: { ...config.contexts, [name]: context } });
  }
  return { authorization: `Bearer ${login.token}` };
}

/** The ID token, of now when the one that is stored ends. Another command may have had it renewed meanwhile: then it is that one's. */
async function providerToken(session: Session, { context, name }: Current, login: ProviderLogin): Promise<string> {
  const { host } = session;
  if (!isEnding(login.token, host.now())) return login.token;
  const { refreshed } = await import('./login/refresh.ts');
  const stored = async (): Promise<ProviderLogin | undefined> => {
    const found = name === undefined ? undefined : (await session.config()).contexts[name]?.login;
    const same = found !== undefined && 'endpoint' in found && found.endpoint === login.endpoint;
    return same && !isEnding(found.token, host.now()) ? found : undefined;
  };
  let renewed = await stored();
  if (renewed === undefined) {
    try {
      renewed = await refreshed(host, login, context.url);
      const config = await session.config();
      const entry = { ...context, login: renewed };
      if (name !== undefined) await session.save({ ...config, contexts: { ...config.contexts, [name]: entry } });
    } catch (error) {
      // A refresh token that is taken once was taken by another command a moment ago.
      renewed = await stored();
      if (renewed === undefined) throw error;
    }
  }
  context.login = renewed;
  return renewed.token;
}
