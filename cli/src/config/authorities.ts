import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { usageFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import type { Config } from './config-file.ts';

/** A host that trusts the authorities of a gateway with that gateway, and nobody else's with it. */
export interface TrustingHost {
  readonly host: Host;
  /** Has a gateway's certificate be signed by an authority of this file, whatever the configuration says. */
  readonly trust: (url: string, file: string) => void;
}

/**
 * Sends requests to gateways that have authorities of their own (`certificate-authority` of a context, `OSMO_CERTIFICATE_AUTHORITY` for
 * `OSMO_URL`) with these alone; all others as they are.
 */
export function trustingHost(host: Host, config: () => Promise<Config>): TrustingHost {
  const given = new Map<string, string>();
  const known = new Map<string, Promise<string | undefined>>();
  const find = async (origin: string): Promise<string | undefined> => {
    const file = given.get(origin) ?? (await configured(origin, host, config));
    return file === undefined ? undefined : authoritiesIn(host, file);
  };
  const exchange: Host['exchange'] = async (address, request) => {
    const { origin, protocol } = new URL(address);
    if (protocol !== 'https:') return host.exchange(address, request);
    const found = known.get(origin) ?? find(origin);
    known.set(origin, found);
    const ca = await found;
    return host.exchange(address, ca === undefined ? request : { ...request, ca });
  };
  return {
    host: Object.assign(Object.create(host) as Host, { exchange }),
    trust: (url, file) => {
      const { origin } = new URL(url);
      given.set(origin, file);
      known.delete(origin);
    },
  };
}

async function configured(origin: string, { env }: Host, config: () => Promise<Config>): Promise<string | undefined> {
  const [url, file] = [env['OSMO_URL'], env['OSMO_CERTIFICATE_AUTHORITY']];
  if (file && url && URL.parse(url)?.origin === origin) return file;
  const contexts = Object.values((await config()).contexts);
  const matching = contexts.find((context) => {
    const { 'certificate-authority': authority } = context;
    return authority !== undefined && new URL(context.url).origin === origin;
  });
  return matching?.['certificate-authority'];
}

/** @throws Failure when the file can't be read, or holds no certificate */
export function authoritiesIn({ cwd }: Pick<Host, 'cwd'>, file: string): string {
  let text: string;
  try {
    text = readFileSync(isAbsolute(file) ? file : resolve(cwd, file), 'utf8');
  } catch (error) {
    throw usageFailure(`--certificate-authority ${file}: can't be read: ${(error as Error).message}`);
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw usageFailure(`--certificate-authority ${file}: holds no certificate (PEM)`);
}
