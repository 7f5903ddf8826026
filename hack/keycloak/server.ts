import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../cluster/system/free-port.ts';
import { poll } from '../cluster/system/poll.ts';

const version = '26.7.3';
const readyMs = 600_000;

/** A Keycloak of this machine. */
export interface Keycloak {
  /** Of the realm, which is the issuer. */
  issuer: string;
  /** Sends a request to the realm's administration. @throws Error for a refusal */
  admin(method: string, path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** Downloads Keycloak by Maven unless it is there, and starts it with a realm. It needs Java 17 or newer; a minute or two. */
export async function startKeycloak(realm: object, say: (line: string) => void): Promise<Keycloak> {
  const home = unpacked(say);
  rmSync(join(home, 'data'), { recursive: true, force: true });
  mkdirSync(join(home, 'data/import'), { recursive: true });
  writeFileSync(join(home, 'data/import/realm.json'), JSON.stringify(realm));
  const [port = 0, management = 0] = await freePorts(2);
  const log = join(home, 'keycloak.log');
  const out = openSync(log, 'w');
  say('starting Keycloak');
  const child = spawn(
    'bash',
    [
      join(home, 'bin/kc.sh'),
      ...['start-dev', '--import-realm', '--http-host=127.0.0.1', `--http-port=${port}`, '--health-enabled=true'],
      `--http-management-port=${management}`,
    ],
    {
      stdio: ['ignore', out, out],
      detached: true,
      env: {
        ...process.env,
        JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
        KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
        KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin-password',
      },
    },
  );
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const base = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    // The script's child is Java: all of its group.
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await exited;
  };
  const giveUp = (): void => {
    if (child.exitCode !== null) throw new Error(`Keycloak ended:\n${readFileSync(log, 'utf8').slice(-2000)}`);
  };
  const isReady = async (): Promise<true | undefined> => {
    const answer = await fetch(`${base}/realms/robots/.well-known/openid-configuration`).catch(() => undefined);
    return answer?.status === 200 || undefined;
  };
  try {
    await poll('Keycloak', isReady, { timeoutMs: readyMs, intervalMs: 500, giveUp });
  } catch (error) {
    await stop();
    throw error;
  }
  return { issuer: `${base}/realms/robots`, admin: administration(base), stop };
}

function administration(base: string): Keycloak['admin'] {
  return async (method, path, body) => {
    const form = { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: 'admin-password' };
    const signedIn = await fetch(`${base}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const { access_token: token } = (await signedIn.json()) as { access_token: string };
    const answer = await fetch(`${base}/admin/realms/robots${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
}

function unpacked(say: (line: string) => void): string {
  const folder = join(tmpdir(), 'osmo-keycloak');
  const home = join(folder, `keycloak-${version}`);
  if (existsSync(join(home, 'bin/kc.sh'))) return home;
  const artifact = 'org.keycloak:keycloak-quarkus-dist';
  const zip = join(
    homedir(),
    `.m2/repository/org/keycloak/keycloak-quarkus-dist/${version}/keycloak-quarkus-dist-${version}.zip`,
  );
  if (!existsSync(zip)) {
    say(`downloading Keycloak ${version} by Maven (177 MB)`);
    execFileSync('mvn', ['-q', 'dependency:get', `-Dartifact=${artifact}:${version}:zip`, '-Dtransitive=false'], {
      stdio: 'inherit',
    });
  }
  mkdirSync(folder, { recursive: true });
  execFileSync('python3', ['-m', 'zipfile', '-e', zip, folder]);
  return home;
}
