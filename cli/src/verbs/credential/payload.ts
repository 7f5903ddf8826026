import { usageFailure } from '../../failure.ts';
import type { Session } from '../../session.ts';
import type { Input } from '../../verb.ts';
import { readRecipeFile } from '../workflow/submission.ts';
import { type CredentialTypeName, credentialTypes } from './types.ts';

/**
 * What a credential holds, of `--payload` (`key=value`, or `key` alone: asked for without echo) or `--payload-file` (`key=path`; `-` is
 * standard input; newlines at the end are no part of it). No message repeats a value.
 *
 * @throws Failure when neither or both are given, a key is missing, not allowed or given twice, or a file can't be read
 */
export async function payloadOf(
  session: Session,
  input: Input,
  type: CredentialTypeName,
): Promise<Record<string, string>> {
  const [given, files] = [input.texts('payload'), input.texts('payload-file')];
  if ((given.length === 0) === (files.length === 0)) throw usageFailure('--payload, --payload-file: give one of them');
  const option = given.length > 0 ? '--payload' : '--payload-file';
  const parts = (given.length > 0 ? given : files).map((text) => partOf(text, option));
  checkKeys(
    parts.map(({ key }) => key),
    type,
    option,
  );
  const payload = new Map<string, string>();
  for (const { key, value } of parts)
    payload.set(
      key,
      option === '--payload' ? (value ?? (await asked(session, key))) : await fileOf(session, key, value),
    );
  return Object.fromEntries(payload);
}

function partOf(text: string, option: string): { key: string; value: string | undefined } {
  const at = text.indexOf('=');
  const key = at === -1 ? text : text.slice(0, at);
  if (key === '') throw usageFailure(`${option}: must be key=value; one that was given has no key`);
  return { key, value: at === -1 ? undefined : text.slice(at + 1) };
}

function checkKeys(keys: readonly string[], type: CredentialTypeName, option: string): void {
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw usageFailure(`${option}: ${JSON.stringify(twice)} is given twice`);
  const { required, optional } = credentialTypes[type];
  if (optional === undefined) return;
  const allowed = [...required, ...optional];
  const other = keys.find((key) => !allowed.includes(key));
  const kinds = `a ${type} credential has ${allowed.join(', ')}`;
  if (other !== undefined) throw usageFailure(`${option}: ${JSON.stringify(other)} is no key: ${kinds}`);
  const missing = required.filter((key) => !keys.includes(key));
  if (missing.length > 0) throw usageFailure(`${option}: ${missing.join(', ')} must be given: ${kinds}`);
}

async function asked({ host }: Session, key: string): Promise<string> {
  const value = await host.ask(`${key}: `, { hidden: true });
  if (value === undefined)
    throw usageFailure(`--payload ${key}: must be ${key}=VALUE: there is no terminal to ask for the value at`);
  return value;
}

async function fileOf(session: Session, key: string, path: string | undefined): Promise<string> {
  if (path === undefined || path === '') throw usageFailure(`--payload-file ${key}: must be ${key}=PATH`);
  const text = path === '-' ? await session.host.readInput() : readRecipeFile(session, path).text;
  return text.replace(/[\r\n]+$/, '');
}
