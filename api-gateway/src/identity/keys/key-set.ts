import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** One generation of the gateway's keys. */
export interface KeyGeneration {
  /** Stands as `kid` in what is made with it. */
  readonly id: string;
  /** When it was made, RFC 3339. */
  readonly created: string;
  /** Private key of ES256, as a JWK. */
  readonly signing: Readonly<Record<string, unknown>>;
  /** 32 bytes for A256GCM, base64url. */
  readonly encryption: string;
}

const daysMs = 24 * 3600_000;
/** Age at which a generation gets a successor. */
const rotateMs = 30 * daysMs;
/** How long a successor is only read before it is used, so that every replica knows it by then. */
const announceMs = 5 * 60_000;
/** Longest life of anything that is made with a key: sessions. Former generations are kept for so long. */
export const longestLifeMs = 30 * daysMs;

export function newGeneration(now: Date): KeyGeneration {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    id: randomBytes(9).toString('base64url'),
    created: now.toISOString(),
    signing: privateKey.export({ format: 'jwk' }),
    encryption: randomBytes(32).toString('base64url'),
  };
}

/** What the keys are to be: those to keep, newest first; whether one must be made; when to look again. */
export interface KeyPlan {
  readonly keep: readonly KeyGeneration[];
  readonly make: boolean;
  readonly wakeAt: Date;
}

/** Decides about the stored generations, in any order. One whose successor has been in use for longer than anything lives is dropped. */
export function planKeys(stored: readonly KeyGeneration[], now: Date): KeyPlan {
  const sorted = newestFirst(stored);
  const [newest] = sorted;
  if (newest === undefined) return { keep: [], make: true, wakeAt: now };
  const age = (generation: KeyGeneration): number => now.getTime() - Date.parse(generation.created);
  const make = age(newest) >= rotateMs;
  const keep = sorted.filter((_, at) => {
    const successor = sorted[at - 1];
    return successor === undefined || age(successor) < announceMs + longestLifeMs;
  });
  return { keep, make, wakeAt: new Date(Date.parse(newest.created) + rotateMs) };
}

/** The generation to make new things with: the newest that everybody knows by now. */
export function activeGeneration(generations: readonly KeyGeneration[], now: Date): KeyGeneration | undefined {
  const sorted = newestFirst(generations);
  return sorted.find(({ created }) => now.getTime() - Date.parse(created) >= announceMs) ?? sorted.at(-1);
}

/**
 * Reads the value of the Secret: base64 of a JSON list. Generations that can't be read are left out, so that a damaged one is
 * replaced and not fatal.
 */
export function readGenerations(data: string | undefined): KeyGeneration[] {
  if (data === undefined || data === '') return [];
  try {
    const parsed: unknown = JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
    return Array.isArray(parsed) ? parsed.filter(isGeneration) : [];
  } catch {
    return [];
  }
}

/** The value of the Secret for generations. */
export function writeGenerations(generations: readonly KeyGeneration[]): string {
  return Buffer.from(JSON.stringify(generations), 'utf8').toString('base64');
}

function isGeneration(value: unknown): value is KeyGeneration {
  if (typeof value !== 'object' || value === null) return false;
  const { id, created, signing, encryption } = value as Record<string, unknown>;
  return (
    typeof id === 'string' &&
    typeof created === 'string' &&
    !Number.isNaN(Date.parse(created)) &&
    typeof signing === 'object' &&
    signing !== null &&
    typeof encryption === 'string' &&
    Buffer.from(encryption, 'base64url').length === 32
  );
}

/** By age; of two that were made at the same moment all replicas take the same. */
function newestFirst(generations: readonly KeyGeneration[]): KeyGeneration[] {
  return generations.toSorted((a, b) => Date.parse(b.created) - Date.parse(a.created) || (a.id < b.id ? -1 : 1));
}
