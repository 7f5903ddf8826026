import { isIP } from 'node:net';
import { UsageError, wrongFlag } from '@osmo/kube';
import type { TlsOptions } from './serve-tls.ts';

interface TlsFlags {
  readonly namespace?: string | undefined;
  readonly 'tls-secret'?: string | undefined;
  readonly 'tls-authorities'?: string | undefined;
  readonly 'tls-name'?: readonly string[] | undefined;
}

/** Reads how TLS is served. @throws UsageError when a flag is wrong or misses another */
export function tlsOptions(flags: TlsFlags): TlsOptions | undefined {
  const { namespace, 'tls-secret': secret, 'tls-authorities': authorities, 'tls-name': names = [] } = flags;
  if (secret === undefined) {
    if (authorities !== undefined || names.length > 0)
      throw new UsageError('--tls-authorities, --tls-name: need --tls-secret, where the certificate is');
    return undefined;
  }
  if (namespace === undefined) throw new UsageError('--tls-secret: needs --namespace, where the Secret is');
  if (authorities !== undefined && names.length === 0)
    throw new UsageError('--tls-authorities: needs --tls-name, what certificates are for');
  return {
    secret: objectName('tls-secret', secret),
    ...(authorities !== undefined && { authorities: objectName('tls-authorities', authorities) }),
    names: names.map(serverName),
  };
}

function objectName(flag: string, value: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(value)) return value;
  throw wrongFlag(flag, value, 'must be the name of an object');
}

function serverName(value: string): string {
  if (isIP(value) !== 0 || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(value)) return value.toLowerCase();
  throw wrongFlag('tls-name', value, 'must be a host or an address');
}
