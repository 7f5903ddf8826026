import { statSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import { usageFailure } from '../failure.ts';
import type { Session } from '../session.ts';

/** A file or folder of this machine that is uploaded. */
export interface LocalSource {
  path: string;
  kind: 'file' | 'folder';
  /** Where it comes below the target: a file's or folder's own name; '' for the contents of a folder that was given as `folder/*`. */
  as: string;
}

/**
 * Reads a path as upstream does: a folder keeps its name, `folder/*` is its contents.
 *
 * @throws Failure when there is no such thing
 */
export function localSource({ host }: Pick<Session, 'host'>, text: string): LocalSource {
  const contents = text.endsWith('/*');
  const path = absolute(host.cwd, contents ? text.slice(0, -2) || '/' : text);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return { path, kind: 'folder', as: contents ? '' : basename(path) };
  if (stats?.isFile() === true && !contents) return { path, kind: 'file', as: basename(path) };
  throw usageFailure(`${JSON.stringify(text)}: there is no such ${contents ? 'folder' : 'file or folder'}`);
}

/** A path of the command line. */
export const absolute = (cwd: string, path: string): string => (isAbsolute(path) ? path : resolve(cwd, path));
