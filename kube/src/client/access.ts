import { readFile } from 'node:fs/promises';
import { type Clock, monotonicMs } from '../runtime/clock.ts';
import { KubeError, TransportReason } from './errors.ts';

export interface TlsOptions {
  ca?: Buffer | string;
  cert?: Buffer | string;
  key?: Buffer | string;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** What a request carries to be let in. */
export interface Credentials {
  headers: Record<string, string | string[]>;
  tls: TlsOptions;
}

/** Where an apiserver is and how to be let in; credentials may change over time. */
export interface ClusterAccess {
  /** Base URL without a trailing slash; may have a path. */
  readonly server: string;
  /** HTTP(S) or SOCKS5 proxy to go through. */
  readonly proxyUrl?: string | undefined;
  /** Namespace of the kubeconfig context or of the pod. */
  readonly namespace?: string | undefined;
  /**
   * Current credentials; cheap, called for each request. The same object as before means that nothing changed.
   *
   * @throws KubeError (`CredentialsError`) when they can't be obtained.
   */
  credentials(): Credentials | Promise<Credentials>;
  /** Called once when the server answered 401: forget what is cached. */
  renew(): void;
}

/** Access with fixed credentials, e.g. none at all to a test server. */
export function fixedAccess(server: string, credentials: Partial<Credentials> = {}): ClusterAccess {
  const fixed: Credentials = { headers: credentials.headers ?? {}, tls: credentials.tls ?? {} };
  return { server: server.replace(/\/+$/, ''), credentials: () => fixed, renew: () => undefined };
}

/**
 * Credentials that are read again when older than `maxAgeMs` or after a 401. When reading fails and older ones exist, those
 * go on being used: a token file that is being replaced must not fail requests.
 */
export function refreshing(
  read: () => Promise<Credentials>,
  clock: Clock,
  maxAgeMs: number,
): { credentials(): Credentials | Promise<Credentials>; renew(): void } {
  let current: Credentials | undefined;
  let readAt = 0;
  let pending: Promise<Credentials> | undefined;
  const refresh = async (): Promise<Credentials> => {
    const known = current;
    try {
      const fresh = await read();
      current = known && sameCredentials(known, fresh) ? known : fresh;
      return current;
    } catch (error) {
      if (!known) throw error;
      return known;
    } finally {
      readAt = monotonicMs(clock);
      pending = undefined;
    }
  };
  return {
    credentials() {
      if (current && monotonicMs(clock) - readAt < maxAgeMs) return current;
      pending ??= refresh();
      return pending;
    },
    renew() {
      readAt = Number.NEGATIVE_INFINITY;
    },
  };
}

function sameCredentials(a: Credentials, b: Credentials): boolean {
  const text = (c: Credentials): string =>
    JSON.stringify([c.headers, Object.entries(c.tls).map(([k, v]) => [k, String(v)])]);
  return text(a) === text(b);
}

/** Reads a file with credentials. @throws KubeError naming the file, never its content. */
export async function readCredential(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new KubeError({
      status: 0,
      reason: TransportReason.credentials,
      message: `cannot read credentials from ${path}: ${code}`,
    });
  }
}

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Access from inside a pod: service account token (read again every minute, as it is rotated), CA and address from the
 * environment that the kubelet sets.
 *
 * @throws KubeError when not in a pod.
 */
export async function inClusterAccess(options: {
  clock: Clock;
  env: Record<string, string | undefined>;
  folder?: string;
}): Promise<ClusterAccess> {
  const folder = options.folder ?? serviceAccountFolder;
  const host = options.env['KUBERNETES_SERVICE_HOST'];
  const port = options.env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) {
    throw new KubeError({
      status: 0,
      reason: TransportReason.credentials,
      message: 'not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set',
    });
  }
  const read = async (): Promise<Credentials> => {
    const [token, ca] = await Promise.all([readCredential(`${folder}/token`), readCredential(`${folder}/ca.crt`)]);
    return { headers: { authorization: `Bearer ${token.toString().trim()}` }, tls: { ca } };
  };
  const namespace = await readFile(`${folder}/namespace`, 'utf8').catch(() => undefined);
  const source = refreshing(read, options.clock, 60_000);
  await source.credentials();
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: namespace?.trim() || undefined,
    ...source,
  };
}
