import { createPrivateKey } from 'node:crypto';
import { parse } from 'yaml';

/** A secret value, and where it was planted or found: a name, never the value. */
export interface Planted {
  value: string;
  where: string;
}

/** Names of fields beside secrets that are public: what they say stands in URLs, specs and certificates too. */
const publicNames: ReadonlySet<string> = new Set([
  ...['ca.crt', 'tls.crt', 'client-certificate-data', 'certificate-authority-data', 'namespace', 'server', 'name'],
  ...['endpoint', 'override_url', 'region', 'addressing_style', 'username', 'email', 'user', 'registry', 'cluster'],
  ...['access_key_id', 'AWS_ACCESS_KEY_ID', 'accessKeyId'],
  ...['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use', 'id', 'created', 'apiVersion', 'kind', 'current-context'],
]);

/** The secret values in a text that somebody keeps as a secret: private keys, tokens, the fields of documents, or the text itself. */
export function valuesIn(text: string, where: string): Planted[] {
  const value = text.trim();
  if (value.includes('-----BEGIN')) return ofPem(value, where);
  if (/^[\w-]{10,}(\.[\w-]*){2,4}$/.test(value)) return [{ value: signatureOf(value), where }];
  if (/^[{[]/.test(value) || /^[\w.-]+:.*\n/.test(value)) {
    const document = parsed(value);
    if (typeof document === 'object' && document !== null) return ofDocument(document, where);
  }
  return [{ value, where }];
}

/** The values of a Secret's keys (base64). */
export function valuesOfSecret(data: Readonly<Record<string, string>>, where: string): Planted[] {
  return Object.entries(data)
    .filter(([key]) => !publicNames.has(key))
    .flatMap(([key, encoded]) => valuesIn(Buffer.from(encoded, 'base64').toString('utf8'), `${where} ${key}`));
}

/** Letters of base64 that are never the same by chance. */
const longEnough = 12;

/**
 * What of private keys is theirs alone: of the whole key, which holds the public one too, the part with the private number, as far as
 * each line has it; and that number by itself.
 */
function ofPem(text: string, where: string): Planted[] {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]+)-----END \1PRIVATE KEY-----/g)];
  return blocks.flatMap(([pem = '', , body = '']) => {
    const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
    const number = Buffer.from(d, 'base64url');
    const whole = body.replaceAll(/\s/g, '');
    const at = Buffer.from(whole, 'base64').indexOf(number);
    const [from, to] = [Math.ceil((at * 4) / 3), Math.floor(((at + number.length) * 4) / 3)];
    const lines = Array.from({ length: Math.ceil(whole.length / 64) }, (_, line) =>
      whole.slice(Math.max(from, line * 64), Math.max(from, Math.min(to, (line + 1) * 64))),
    );
    const own = lines.filter((line) => line.length >= longEnough).slice(0, 3);
    return [d, ...own].map((value) => ({ value, where }));
  });
}

/** Of a signed or encrypted token, the part without which it is worth nothing and which nothing else has. */
function signatureOf(token: string): string {
  const parts = token.split('.');
  return parts.length === 5 ? (parts[3] ?? '') : (parts.at(-1) ?? '');
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function ofDocument(node: object, where: string): Planted[] {
  return Object.entries(node).flatMap(([name, value]: [string, unknown]) => {
    const place = Array.isArray(node) ? where : `${where}.${name}`;
    if (typeof value === 'object' && value !== null) return ofDocument(value, place);
    if (typeof value !== 'string' || publicNames.has(name)) return [];
    if (name.endsWith('-data')) return valuesIn(Buffer.from(value, 'base64').toString('utf8'), place);
    return valuesIn(value, place);
  });
}
