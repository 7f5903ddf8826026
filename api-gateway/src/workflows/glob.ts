/** Longest pattern, and so the longest time that one comparison can take. */
const longest = 256;

/**
 * A test for texts: `*` stands for anything, `(a|b)` for one of these words; everything else for itself. Matched word by
 * word, without a regular expression, so that no pattern takes long.
 *
 * @returns undefined for a pattern that is too long or has parentheses that don't match
 */
export function glob(pattern: string): ((text: string) => boolean) | undefined {
  if (pattern.length > longest) return undefined;
  const alternatives = expand(pattern);
  if (alternatives === undefined) return undefined;
  const tests = alternatives.map(matcher);
  const [only] = tests;
  return tests.length === 1 && only !== undefined ? only : (text) => tests.some((matches) => matches(text));
}

/** The patterns without parentheses that a pattern with them stands for; at most 64. */
function expand(pattern: string): string[] | undefined {
  const open = pattern.indexOf('(');
  if (open === -1) return pattern.includes(')') ? undefined : [pattern];
  const close = pattern.indexOf(')', open);
  if (close === -1 || pattern.slice(open + 1, close).includes('(')) return undefined;
  const rest = expand(pattern.slice(close + 1));
  if (rest === undefined || pattern.slice(0, open).includes(')')) return undefined;
  const words = pattern.slice(open + 1, close).split('|');
  const all = words.flatMap((word) => rest.map((end) => `${pattern.slice(0, open)}${word}${end}`));
  return all.length <= 64 ? all : undefined;
}

/** Taken apart once: it is asked of each of very many texts. */
function matcher(pattern: string): (text: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return (text) => text === first;
  const [only, another] = others;
  if (first === '' && last === '' && only !== undefined && another === undefined) return (text) => text.includes(only);
  return (text) => {
    if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
    let at = first.length;
    for (const piece of others) {
      const found = text.indexOf(piece, at);
      if (found === -1) return false;
      at = found + piece.length;
    }
    return at <= text.length - last.length;
  };
}
