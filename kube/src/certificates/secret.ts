import type { Secret } from '../client/kinds/core.ts';
import type { Generation } from './generation.ts';

/** What the Secret holds: the newest generation, and the one before it. */
export interface StoredGenerations {
  readonly newest?: Generation;
  readonly previous?: Generation;
}

const keys = {
  newest: { ca: 'ca.crt', certificate: 'tls.crt', key: 'tls.key' },
  previous: { ca: 'previous-ca.crt', certificate: 'previous.crt', key: 'previous.key' },
} as const;

/** Reads the Secret's data; a generation without its certificate or key isn't there. `ca.crt` and so on are cert-manager's names. */
export function storedGenerations(secret: Secret | undefined): StoredGenerations {
  const newest = generationAt(secret, keys.newest);
  const previous = generationAt(secret, keys.previous);
  return { ...(newest && { newest }), ...(previous && { previous }) };
}

/** The Secret's `data` for generations. */
export function secretData({ newest, previous }: StoredGenerations): Record<string, string> {
  return { ...entriesOf(newest, keys.newest), ...entriesOf(previous, keys.previous) };
}

type Names = Record<keyof Generation, string>;

function generationAt(secret: Secret | undefined, names: Names): Generation | undefined {
  const text = (name: string): string | undefined => {
    const value = secret?.data?.[name];
    return value === undefined || value === '' ? undefined : Buffer.from(value, 'base64').toString('utf8');
  };
  const [ca, certificate, key] = [text(names.ca), text(names.certificate), text(names.key)];
  // Public authorities leave their certificate out.
  return certificate === undefined || key === undefined ? undefined : { ca: ca ?? '', certificate, key };
}

function entriesOf(generation: Generation | undefined, names: Names): Record<string, string> {
  if (generation === undefined) return {};
  const encode = (pem: string): string => Buffer.from(pem, 'utf8').toString('base64');
  return {
    [names.ca]: encode(generation.ca),
    [names.certificate]: encode(generation.certificate),
    [names.key]: encode(generation.key),
  };
}
