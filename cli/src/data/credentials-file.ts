import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { usageFailure } from '../failure.ts';

/** Fields of a data credential, in upstream's words. */
export type DataCredential = Readonly<Record<string, string>>;

/** Data credentials of this machine, by the profile of what they are for: `s3://bucket`. */
export type DataCredentials = Readonly<Record<string, DataCredential>>;

/** Path of the file, beside that of contexts. */
export const dataCredentialsPath = (configFile: string): string => join(dirname(configFile), 'data-credentials.yaml');

/**
 * Reads the file; one that isn't there is empty.
 *
 * @throws Failure when it can't be read or isn't what it must be; no value of it is repeated
 */
export async function readDataCredentials(path: string, required = false): Promise<DataCredentials> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !required) return {};
    throw usageFailure(`${path}: can't be read: ${(error as Error).message}`);
  }
  const { parse } = await import('yaml');
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch {
    // Not the parser's message: it quotes the line, which may be a secret.
    throw usageFailure(`${path}: is no YAML; mend or remove the file`);
  }
  const profiles = isMap(parsed) ? (parsed['profiles'] ?? {}) : {};
  const wrong = `${path}: must be a map 'profiles' from profiles such as s3://bucket to maps of texts; mend or remove the file`;
  if (!isMap(profiles)) throw usageFailure(wrong);
  for (const fields of Object.values(profiles))
    if (!isMap(fields) || Object.values(fields).some((value) => typeof value !== 'string')) throw usageFailure(wrong);
  return profiles as DataCredentials;
}

/** Writes the file whole or not at all, so that only its user can read it. */
export async function writeDataCredentials(path: string, profiles: DataCredentials): Promise<void> {
  const { stringify } = await import('yaml');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, stringify({ profiles }), { mode: 0o600, flag: 'wx', flush: true });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw usageFailure(`${path}: can't be written: ${(error as Error).message}`);
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
