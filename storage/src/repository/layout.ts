import { RepositoryError } from './repository-error.ts';
import type { ManifestDigest } from './types.ts';

/** The key of what makes a store a repository. */
export const formatKey = 'format.json';
export const versionsFolder = 'versions/';
export const packsFolder = 'packs/';
export const indexFolder = 'index/';
export const intentsFolder = 'intents/';
export const marksFolder = 'garbage/';

const digestPattern = /^blake3:[0-9a-f]{64}$/;

/** Digits of the name of a writer, which is in the names of all that it writes. */
export const sessionDigits = 16;
/** Bytes of the name of a pack: its writer's, and a number. */
export const packIdBytes = 12;

export const versionKey = (manifest: ManifestDigest): string => `${versionsFolder}${manifest.slice('blake3:'.length)}`;

/** @param id 24 hexadecimal digits */
export const packKey = (id: string): string => `${packsFolder}${id.slice(0, sessionDigits)}/${id.slice(sessionDigits)}`;

/** The reverse of `packKey`; undefined for a key that is none. */
export function packIdOf(key: string): string | undefined {
  const match = /^packs\/([0-9a-f]{16})\/([0-9a-f]{8})$/.exec(key);
  return match === null ? undefined : `${match[1]}${match[2]}`;
}

/** @throws RepositoryError Refused for what can't be the digest of a version */
export function checkManifest(manifest: ManifestDigest): ManifestDigest {
  if (digestPattern.test(manifest)) return manifest;
  throw new RepositoryError(
    'Refused',
    `version ${JSON.stringify(manifest.slice(0, 100))}: must be "blake3:" and 64 hexadecimal digits`,
  );
}
