import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { usageFailure } from '../../failure.ts';

/**
 * The text of a file.
 *
 * @param name that messages begin with
 * @throws Failure when there is no such file, or it isn't UTF-8
 */
export function readText(file: string, name: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'is a folder' : message;
    throw usageFailure(`${name}: ${why}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw usageFailure(`${name}: ${basename(file)} is no text in UTF-8`);
  }
}
