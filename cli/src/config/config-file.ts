import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { usageFailure } from '../failure.ts';
import type { Host } from '../host.ts';

/** A login at an identity provider. */
export interface ProviderLogin {
  method: 'pkce' | 'code' | 'password';
  /** The ID token, which is sent to the gateway. */
  token: string;
  /** For the next ID token; absent: somebody must sign in again. */
  refresh?: string;
  /** Token endpoint of the provider, and the client that is known there. */
  endpoint: string;
  client: string;
}

/** How somebody signs in at a gateway. */
export type Login =
  | { method: 'dev'; user: string }
  /** `token` is a bearer token; `secret` the access token that it was given for, if it was. */
  | { method: 'token'; token: string; secret?: string }
  | ProviderLogin;

/** A gateway, and who one is there. */
export interface Context {
  url: string;
  /** File with the authorities that its certificate is signed by, absolute; absent: the public ones. */
  'certificate-authority'?: string;
  login?: Login;
  /** Pool for submissions that name none. */
  pool?: string;
  /** Namespace for submissions and lists that name none. */
  namespace?: string;
}

/** The file of contexts. Keys that this program doesn't know stay as they are. */
export interface Config {
  'current-context'?: string;
  contexts: Record<string, Context>;
  [other: string]: unknown;
}

/** Path of the file: `OSMO_CONFIG_FILE_DIR`, else `XDG_CONFIG_HOME/osmo`, else `~/.config/osmo`. */
export function configPath({ env, home }: Pick<Host, 'env' | 'home'>): string {
  const base = env['OSMO_CONFIG_FILE_DIR'] || join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'osmo');
  return join(base, 'config.yaml');
}

/**
 * Reads the file; one that isn't there is empty.
 *
 * @throws Failure when it is no YAML, or something in it isn't what it must be; the message has its path
 */
export async function readConfig(path: string): Promise<Config> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { contexts: {} };
    throw usageFailure(`${path}: can't be read: ${(error as Error).message}`);
  }
  const { parse } = await import('yaml');
  let parsed: unknown;
  try {
    parsed = parse(text) ?? {};
  } catch (error) {
    // What follows the first line shows the place, and there are tokens in the file.
    const [first = ''] = (error as Error).message.split('\n');
    throw usageFailure(`${path}: is no YAML: ${first.replace(/:$/, '')}; mend or remove the file`);
  }
  return checked(parsed, path);
}

/** Writes the file whole or not at all, so that only its user can read it. */
export async function writeConfig(path: string, config: Config): Promise<void> {
  const { stringify } = await import('yaml');
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, stringify(config), { mode: 0o600, flag: 'wx', flush: true });
    // The mode of a new file is cut by the umask, never widened: this is for a umask that cut too much.
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw usageFailure(`${path}: can't be written: ${(error as Error).message}`);
  }
}

function checked(parsed: unknown, path: string): Config {
  const top = mapOf(parsed, path, 'the file');
  const current = top['current-context'];
  if (current !== undefined && typeof current !== 'string') throw wrong(path, 'current-context', 'must be a text');
  const contexts = mapOf(top['contexts'] ?? {}, path, 'contexts');
  for (const [name, value] of Object.entries(contexts)) {
    const context = mapOf(value, path, `contexts.${name}`);
    if (typeof context['url'] !== 'string')
      throw wrong(path, `contexts.${name}.url`, 'must be the address of a gateway');
    for (const key of ['pool', 'namespace', 'certificate-authority'])
      if (context[key] !== undefined && typeof context[key] !== 'string')
        throw wrong(path, `contexts.${name}.${key}`, 'must be a text');
    if (context['login'] !== undefined) checkLogin(context['login'], path, `contexts.${name}.login`);
  }
  return { ...top, contexts: contexts as unknown as Record<string, Context> };
}

const atProvider = ['token', 'endpoint', 'client'];
/** What a login must hold, by its method. */
const loginKeys: Readonly<Record<string, readonly string[]>> = {
  dev: ['user'],
  token: ['token'],
  pkce: atProvider,
  code: atProvider,
  password: atProvider,
};

function checkLogin(value: unknown, path: string, field: string): void {
  const { method, ...login } = mapOf(value, path, field);
  const keys = typeof method === 'string' && Object.hasOwn(loginKeys, method) ? loginKeys[method] : undefined;
  if (keys === undefined) throw wrong(path, `${field}.method`, `must be one of ${Object.keys(loginKeys).join(', ')}`);
  for (const key of keys) if (typeof login[key] !== 'string') throw wrong(path, `${field}.${key}`, 'must be a text');
  for (const key of ['secret', 'refresh'])
    if (login[key] !== undefined && typeof login[key] !== 'string')
      throw wrong(path, `${field}.${key}`, 'must be a text');
}

function mapOf(value: unknown, path: string, field: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(path, field, 'must be a map');
}

const wrong = (path: string, field: string, message: string): Error =>
  usageFailure(`${path}: ${field}: ${message}; mend or remove the file`);
