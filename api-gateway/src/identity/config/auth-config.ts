import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { networkOf, type TrustedProxies } from '../proxy.ts';
import { authSchema } from './auth-schema.ts';
import { type SamlConfig, samlProblems } from './saml-config.ts';

/** An issuer whose tokens are taken. */
export interface IssuerConfig {
  issuer: {
    /** As `iss` has it, to the letter. */
    url: string;
    /** Where its metadata are; absent: at the usual place below `url`. */
    discoveryURL?: string;
    /** One of them must be in `aud`. */
    audiences: readonly string[];
    /** PEM; absent: the usual authorities. */
    certificateAuthorityFile?: string;
    /** Whether it may be called without TLS: for tests, and inside a cluster that is trusted. */
    allowHttp?: boolean;
  };
  claimMappings: { username: ClaimMapping; groups?: ClaimMapping };
  /** Claims that must be there with this value. */
  claimValidationRules?: readonly { claim: string; requiredValue: string }[];
  algorithms?: readonly string[];
  clockSkewSeconds?: number;
}

/** A name is the prefix and what the claim says. A claim within others is named with dots, `realm_access.roles`. */
export interface ClaimMapping {
  claim: string;
  prefix: string;
}

/** Where people sign in. */
export interface LoginConfig {
  /** URL of one of the issuers; absent: there is nothing here but how long sessions are. */
  issuer?: string;
  /** The client of browsers; absent: nobody signs in by browser. */
  browser?: {
    clientId: string;
    clientSecretFile?: string;
    scopes?: readonly string[];
    /** To be sent along when somebody is sent to sign in, such as `access_type: offline`. */
    parameters?: Readonly<Record<string, string>>;
  };
  /** The public client of command lines; absent: they use tokens. */
  cli?: { clientId: string };
  session?: { lifetimeSeconds?: number; idleSeconds?: number };
}

/** What `--auth-config` says. */
export interface AuthConfig {
  jwt?: readonly IssuerConfig[];
  login?: LoginConfig;
  /** SAML identity providers, at which browsers sign in. */
  saml?: readonly SamlConfig[];
  /** Proxies that say who is calling; absent: nobody's word counts. */
  trustedProxies?: TrustedProxies;
}

/** A file that can't be used; the message has every problem with the path of its field. */
export class AuthConfigError extends Error {
  override readonly name = 'AuthConfigError';
}

/**
 * Reads the text of the file, YAML or JSON.
 *
 * @throws AuthConfigError
 */
export async function readAuthConfig(text: string): Promise<AuthConfig> {
  const { parse } = await import('yaml');
  let parsed: unknown;
  try {
    parsed = parse(text, { maxAliasCount: 0 }) ?? {};
  } catch (error) {
    throw new AuthConfigError(`it is no YAML: ${(error as Error).message}`);
  }
  const check = new Ajv2020({ allErrors: true, strict: false, verbose: true }).compile<AuthConfig>(authSchema);
  if (!check(parsed)) throw new AuthConfigError((check.errors ?? []).slice(0, 20).map(problemText).join('\n'));
  const problems = [
    ...issuerProblems(parsed),
    ...loginProblems(parsed),
    ...samlProblems(parsed.saml ?? [], urlProblem),
    ...proxyProblems(parsed),
  ];
  if (problems.length > 0) throw new AuthConfigError(problems.join('\n'));
  return parsed;
}

function issuerProblems({ jwt = [] }: AuthConfig): string[] {
  const urls = jwt.map(({ issuer }) => issuer.url);
  return jwt.flatMap(({ issuer, claimMappings }, at) => {
    const problems = [`url`, `discoveryURL`].flatMap((key) => {
      const url = issuer[key as 'url' | 'discoveryURL'];
      return url === undefined ? [] : urlProblem(`jwt[${at}].issuer.${key}`, url, issuer.allowHttp === true);
    });
    if (urls.indexOf(issuer.url) !== at)
      problems.push(`jwt[${at}].issuer.url: ${JSON.stringify(issuer.url)}: is named twice; name each issuer once`);
    for (const [name, { prefix }] of Object.entries(claimMappings)) {
      if (!prefix.startsWith('system:')) continue;
      const rule = "must not begin with 'system:', which is the cluster's own";
      problems.push(`jwt[${at}].claimMappings.${name}.prefix: ${JSON.stringify(prefix)}: ${rule}`);
    }
    return problems;
  });
}

function urlProblem(path: string, value: string, allowHttp: boolean): string[] {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const said = `${path}: ${JSON.stringify(value)}:`;
  if (url === undefined || !/^https?:$/.test(url.protocol) || `${url.username}${url.password}${url.hash}` !== '')
    return [`${said} must be a URL such as https://id.example.com/realms/robots`];
  if (url.protocol === 'http:' && !allowHttp)
    return [`${said} must begin with https://; set allowHttp where a network can be trusted`];
  return [];
}

function loginProblems({ jwt = [], login }: AuthConfig): string[] {
  if (login === undefined) return [];
  if (login.issuer === undefined && login.browser === undefined && login.cli === undefined) return [];
  const issuer = jwt.find((each) => each.issuer.url === login.issuer);
  if (issuer === undefined) {
    const known = jwt.map((each) => JSON.stringify(each.issuer.url)).join(', ') || 'none';
    return [
      `login.issuer: ${JSON.stringify(login.issuer) ?? 'is missing'}: must be the issuer.url of one of jwt: ${known}`,
    ];
  }
  return (['browser', 'cli'] as const).flatMap((key) => {
    const clientId = login[key]?.clientId;
    if (clientId === undefined || issuer.issuer.audiences.includes(clientId)) return [];
    const rule = `must be among issuer.audiences of ${JSON.stringify(login.issuer)}: tokens for it would be refused`;
    return [`login.${key}.clientId: ${JSON.stringify(clientId)}: ${rule}`];
  });
}

function proxyProblems({ trustedProxies }: AuthConfig): string[] {
  const { networks = [], usernamePrefix = '', groupPrefix = '' } = trustedProxies ?? {};
  const wrong = networks.flatMap((network, at) => {
    if (networkOf(network) !== undefined) return [];
    const rule = 'must be a network such as 10.0.0.0/24, or an address, and not everybody';
    return [`trustedProxies.networks[${at}]: ${JSON.stringify(network)}: ${rule}`];
  });
  const prefixes = Object.entries({ usernamePrefix, groupPrefix }).flatMap(([key, prefix]) =>
    prefix.startsWith('system:')
      ? [`trustedProxies.${key}: ${JSON.stringify(prefix)}: must not begin with 'system:', which is the cluster's own`]
      : [],
  );
  return [...wrong, ...prefixes];
}

function problemText({ instancePath, message, params, data, keyword }: ErrorObject): string {
  const path =
    instancePath
      .slice(1)
      .replaceAll(/\/(\d+)/g, '[$1]')
      .replaceAll('/', '.') || 'the file';
  const extra = (params as { additionalProperty?: string }).additionalProperty;
  if (keyword === 'additionalProperties') return `${path}: ${JSON.stringify(extra)} is no known field`;
  const allowed = (params as { allowedValues?: readonly unknown[] }).allowedValues;
  const rule = allowed === undefined ? (message ?? keyword) : `must be one of ${allowed.join(', ')}`;
  const plain = typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean';
  return plain ? `${path}: ${JSON.stringify(data).slice(0, 100)}: ${rule}` : `${path}: ${rule}`;
}
