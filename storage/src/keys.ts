const longestKey = 900;
const longestSegment = 200;
const segment = /^[A-Za-z0-9_][A-Za-z0-9_.=@~-]*$/;

/** Which keys a store takes: `plain` what every store sorts alike (`checkKey`), `any` what users call files. */
export type KeyRule = 'plain' | 'any';

/**
 * Checks the key of an object: segments of letters, digits and `_.=@~-` that begin with a letter, digit or `_`, separated
 * by '/'. What all stores (and file systems) can hold, and what sorts the same everywhere.
 *
 * @param rule `any` allows all that `nameProblem` finds nothing wrong with
 * @throws RangeError saying what is wrong and what is allowed
 */
export function checkKey(key: string, rule: KeyRule = 'plain'): string {
  const problem = rule === 'plain' ? problemOf(key) : nameProblem(key);
  if (problem === undefined) return key;
  const allowed =
    rule === 'plain'
      ? `allowed are segments of letters, digits and _.=@~- that begin with a letter, digit or _ and have at most ` +
        `${longestSegment} characters, separated by "/", at most ${longestKey} characters in all`
      : namesAllowed;
  throw new RangeError(`object key ${JSON.stringify(key.slice(0, 200))}: ${problem}; ${allowed}`);
}

/** Checks the name of a folder: '' or a key that ends with '/'. @throws RangeError */
export function checkFolder(folder: string, rule: KeyRule = 'plain'): string {
  if (folder === '') return folder;
  if (!folder.endsWith('/')) throw new RangeError(`folder ${JSON.stringify(folder)}: must be empty or end with "/"`);
  checkKey(folder.slice(0, -1), rule);
  return folder;
}

function problemOf(key: string): string | undefined {
  if (key.length === 0) return 'is empty';
  if (key.length > longestKey) return `has ${key.length} characters`;
  const wrong = key.split('/').find((each) => each.length > longestSegment || !segment.test(each));
  return wrong === undefined ? undefined : `segment ${JSON.stringify(wrong.slice(0, longestSegment))} can't be used`;
}

/** What S3, GCS and Azure take as a key, in bytes of UTF-8. */
const longestName = 1024;
/** What file systems take. */
const longestNameSegment = 255;
// Characters that XML, which S3 lists objects in, can't hold or doesn't give back: control characters (CR becomes LF).
// oxlint-disable-next-line no-control-regex
const unstorable = /[\u0000-\u001f\u007f\ufffe\uffff]/;

/** How to say what `nameProblem` allows. */
export const namesAllowed =
  `allowed are paths of at most ${longestName} bytes without control characters, whose segments are not empty, "." or ` +
  `"..", and at most ${longestNameSegment} bytes long`;

/** What is wrong with a user's path of a file as the key of an object; undefined when every store and disk can hold it. */
export function nameProblem(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (Buffer.byteLength(path) > longestName) return `has ${Buffer.byteLength(path)} bytes`;
  if (!path.isWellFormed() || path.includes('\ufffd')) return 'is no UTF-8 text';
  if (unstorable.test(path)) return 'has control characters';
  for (const each of path.split('/')) {
    if (each === '' || each === '.' || each === '..') return `segment ${JSON.stringify(each)} can't be used`;
    if (Buffer.byteLength(each) > longestNameSegment)
      return `segment ${JSON.stringify(each.slice(0, 40))}… is too long`;
  }
  return undefined;
}

/** Checks what a store's URL puts before every key: a path without blanks, ',', ';' and '*', as upstream's URLs. @throws RangeError */
export function checkPrefix(prefix: string): string {
  if (prefix === '') return prefix;
  const problem = /[\s,;*]/.test(prefix) ? 'has a blank or one of ",;*"' : nameProblem(prefix);
  if (problem !== undefined) throw new RangeError(`object key ${JSON.stringify(prefix.slice(0, 200))}: ${problem}`);
  return prefix;
}
