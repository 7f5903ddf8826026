/** What a JSON Web Token says of itself. Its signature is not checked: that is the server's business. */
export interface TokenClaims {
  /** When it ends, seconds since 1970. */
  exp: number;
  /** Name of the user, as a token from an identity provider has it. */
  name: string | undefined;
}

/** All claims of a JWT; undefined for any other text. */
export function payloadOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The claims of a JWT that says when it ends; undefined for any other text. */
export function claimsOf(token: string): TokenClaims | undefined {
  const { exp, name } = payloadOf(token) ?? {};
  return typeof exp === 'number' ? { exp, name: typeof name === 'string' ? name : undefined } : undefined;
}

/** Whether a token ends within 3 s, upstream's margin; a token that doesn't say when never does. */
export function isEnding(token: string, now: Date): boolean {
  const claims = claimsOf(token);
  return claims !== undefined && claims.exp * 1000 <= now.getTime() + 3000;
}
