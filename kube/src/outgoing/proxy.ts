import { Destinations, DestinationError } from './destinations.ts';

/** The proxies that calls go through. */
export interface OutgoingProxy {
  /** For `https:` URLs (by CONNECT); undefined: none. */
  readonly https?: string;
  /** For `http:` URLs; undefined: none. */
  readonly http?: string;
  /** Hosts and networks that are called without; `*` is all. */
  readonly bypass: readonly string[];
}

/** The proxies of the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY in either case, as curl and Go read them. */
export function proxyFromEnvironment(env: Readonly<Record<string, string | undefined>>): OutgoingProxy | undefined {
  const of = (name: string): string | undefined => (env[name.toLowerCase()] || env[name]) ?? undefined;
  const https = of('HTTPS_PROXY');
  const http = of('HTTP_PROXY');
  if (!https && !http) return undefined;
  const bypass = (of('NO_PROXY') ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  return { ...(https && { https }), ...(http && { http }), bypass };
}

/** Says for a URL which proxy it goes through, if any. */
export function proxyChoice(proxy: OutgoingProxy | undefined): (url: URL) => string | undefined {
  if (proxy === undefined) return () => undefined;
  if (proxy.bypass.includes('*')) return () => undefined;
  const bypass = bypassOf(proxy.bypass);
  return ({ protocol, hostname }) => {
    const through = protocol === 'https:' ? proxy.https : proxy.http;
    return through === undefined || bypass.hasHost(hostname) ? undefined : through;
  };
}

/** `example.com` stands for what is below it too, with or without a leading dot; what can't be read is left out. */
function bypassOf(entries: readonly string[]): Destinations {
  const names = entries.flatMap((entry) => {
    const name = entry.replace(/^\*?\./, '');
    return [name, `*.${name}`];
  });
  return new Destinations(names.filter(isReadable));
}

function isReadable(entry: string): boolean {
  try {
    void new Destinations([entry]);
    return true;
  } catch (error) {
    if (error instanceof DestinationError) return false;
    throw error;
  }
}
