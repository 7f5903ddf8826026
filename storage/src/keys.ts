const longestKey = 900;
const longestSegment = 200;
const segment = /^[A-Za-z0-9_][A-Za-z0-9_.=@~-]*$/;

/**
 * Checks the key of an object: segments of letters, digits and `_.=@~-` that begin with a letter, digit or `_`, separated
 * by '/'. What all stores (and file systems) can hold, and what sorts the same everywhere.
 *
 * @throws RangeError saying what is wrong and what is allowed
 */
export function checkKey(key: string): string {
  const problem = problemOf(key);
  if (problem === undefined) return key;
  throw new RangeError(
    `object key ${JSON.stringify(key.slice(0, 200))}: ${problem}; allowed are segments of letters, digits and _.=@~- ` +
      `that begin with a letter, digit or _ and have at most ${longestSegment} characters, separated by "/", ` +
      `at most ${longestKey} characters in all`,
  );
}

/** Checks the name of a folder: '' or a key that ends with '/'. @throws RangeError */
export function checkFolder(folder: string): string {
  if (folder === '') return folder;
  if (!folder.endsWith('/')) throw new RangeError(`folder ${JSON.stringify(folder)}: must be empty or end with "/"`);
  checkKey(folder.slice(0, -1));
  return folder;
}

function problemOf(key: string): string | undefined {
  if (key.length === 0) return 'is empty';
  if (key.length > longestKey) return `has ${key.length} characters`;
  const wrong = key.split('/').find((each) => each.length > longestSegment || !segment.test(each));
  return wrong === undefined ? undefined : `segment ${JSON.stringify(wrong.slice(0, longestSegment))} can't be used`;
}
