import { RepositoryError } from './repository-error.ts';

const longestPath = 4096;

/**
 * Compares paths as a walk meets them: by segments, each by its bytes in UTF-8; so what is below a folder comes right
 * behind the folder's own name.
 */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** UTF-16 puts what is outside of the first plane before U+E000; UTF-8 puts it last. */
function rank(unit: number): number {
  if (unit === 0x2f) return 0;
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** @throws RepositoryError Refused saying what is wrong with a path and what is allowed */
export function checkPath(path: string): string {
  const problem = problemOf(path);
  if (problem === undefined) return path;
  throw new RepositoryError(
    'Refused',
    `path ${JSON.stringify(path.slice(0, 200))}: ${problem}; allowed are relative paths in UTF-8 of at most ${longestPath} ` +
      `bytes whose segments are neither empty nor "." nor ".."`,
  );
}

function problemOf(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (!path.isWellFormed()) return 'is no Unicode text';
  if (path.includes('\0')) return 'has a NUL';
  if (Buffer.byteLength(path) > longestPath) return `has ${Buffer.byteLength(path)} bytes`;
  const wrong = path.split('/').find((segment) => segment === '' || segment === '.' || segment === '..');
  return wrong === undefined ? undefined : `segment ${JSON.stringify(wrong)} can't be used`;
}

/** Whether a link at `path` leads to something in the tree, by its text alone; what it leads to need not be there. */
export function staysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0') || !target.isWellFormed()) return false;
  let depth = path.split('/').length - 1;
  for (const segment of target.split('/')) {
    if (segment === '..') depth--;
    else if (segment !== '' && segment !== '.') depth++;
    if (depth < 0) return false;
  }
  return true;
}
