/**
 * A filter of paths by a regular expression as Python's `re.match` takes it: it must match from the start of the path, and
 * needn't reach its end. What JavaScript writes in another way is translated: `(?P<name>…)`, `(?P=name)`, `\A`, `\Z` and
 * flags at the start such as `(?i)`.
 *
 * @returns true for paths that are taken; without an expression all are
 * @throws RangeError when the expression can't be used
 */
export function pathFilter(expression: string | undefined): (path: string) => boolean {
  if (expression === undefined || expression === '') return () => true;
  const [, letters = ''] = /^\(\?([aiLmsux]+)\)/.exec(expression) ?? [];
  const [unknown] = /[^aimsu]/.exec(letters) ?? [];
  const wrong = (why: string): RangeError =>
    new RangeError(`regular expression ${JSON.stringify(expression.slice(0, 200))}: ${why}`);
  if (unknown !== undefined) throw wrong(`flag ${unknown} is not known; allowed are a, i, m, s and u`);
  const flags = ['i', 'm', 's'].filter((letter) => letters.includes(letter)).join('');
  const body = letters === '' ? expression : expression.slice(letters.length + 3);
  const translated = body.replace(/\\[^]|\(\?P<|\(\?P=(\w+)\)/g, (found, name: string | undefined) => {
    if (name !== undefined) return `\\k<${name}>`;
    if (found === '(?P<') return '(?<';
    if (found === String.raw`\A`) return '(?<![^])';
    return found === String.raw`\Z` ? '(?![^])' : found;
  });
  let pattern: RegExp;
  try {
    pattern = new RegExp(`(?<![^])(?:${translated})`, flags);
  } catch (error) {
    throw wrong((error as Error).message.replace(/^Invalid regular expression: /, ''));
  }
  return (path) => pattern.test(path);
}
