import { X509Certificate } from 'node:crypto';
import type { ClaimMapping } from './auth-config.ts';

/** A SAML 2.0 identity provider at which people sign in. */
export interface SamlConfig {
  /** In the gateway's paths: `/api/auth/saml/NAME/…`. */
  name: string;
  /** As its `Issuer` has it, to the letter. */
  entityID: string;
  /** Where browsers are sent to sign in: its single sign-on service with the redirect binding. */
  ssoURL: string;
  /** PEM; one of them must have signed. Several while the provider changes from one to the next. */
  certificates: readonly string[];
  /** What the provider calls this gateway, which is the audience too; absent: the address of its metadata. */
  spEntityID?: string;
  claimMappings: { username: ClaimMapping; groups?: ClaimMapping; email?: { claim: string } };
  /** The format of names to ask for; absent: whatever the provider gives. */
  nameIDFormat?: string;
  clockSkewSeconds?: number;
  /** Whether requests are signed, with the key below. */
  signRequests?: boolean;
  /** For signing requests and for encrypted assertions: files with PEM. */
  keyPair?: { privateKeyFile: string; certificateFile: string };
  /** Whether its address may be without TLS: for tests. */
  allowHttp?: boolean;
}

const shortestModulus = 2048;

/** Every problem of the identity providers, with its path. */
export function samlProblems(
  saml: readonly SamlConfig[],
  urlProblem: (path: string, value: string, allowHttp: boolean) => string[],
): string[] {
  return saml.flatMap((each, at) => {
    const path = `saml[${at}]`;
    const problems = urlProblem(`${path}.ssoURL`, each.ssoURL, each.allowHttp === true);
    for (const key of ['name', 'entityID'] as const) {
      if (saml.findIndex((other) => other[key] === each[key]) !== at)
        problems.push(`${path}.${key}: ${JSON.stringify(each[key])}: is named twice; name each identity provider once`);
    }
    for (const [name, mapping] of Object.entries(each.claimMappings)) {
      const { prefix = '' } = mapping as Partial<ClaimMapping>;
      if (!prefix.startsWith('system:')) continue;
      const rule = "must not begin with 'system:', which is the cluster's own";
      problems.push(`${path}.claimMappings.${name}.prefix: ${JSON.stringify(prefix)}: ${rule}`);
    }
    if (each.signRequests === true && each.keyPair === undefined)
      problems.push(`${path}.keyPair: is missing; signRequests needs it`);
    problems.push(
      ...each.certificates.flatMap((text, index) => {
        const problem = certificateProblem(text);
        return problem === undefined ? [] : [`${path}.certificates[${index}]: ${problem}`];
      }),
    );
    return problems;
  });
}

/** What is wrong with a certificate; undefined: nothing. Signatures of SAML are RSA's where they are used. */
export function certificateProblem(text: string): string | undefined {
  try {
    const { publicKey } = new X509Certificate(text);
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    if (publicKey.asymmetricKeyType === 'rsa' && bits >= shortestModulus) return undefined;
    return `must have a key of RSA with at least ${shortestModulus} bits`;
  } catch {
    return 'must be one certificate as PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----';
  }
}
