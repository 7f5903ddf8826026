const formats = new Set(['json', 'yaml', 'wide', 'name']);

/**
 * A command line in words that the parser knows: `-o json` where `-o` is upstream's `--order` (its values are others), upstream's `-pl`
 * for `--platform`, and its `credential --format-type json list`. Nothing behind `--` is touched.
 */
export function rewritten(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const head = end === -1 ? argv : argv.slice(0, end);
  const words = head.map((word, index) => {
    if (word === '-pl') return '--platform';
    if (word === '-o' && formats.has(head[index + 1] ?? '')) return '--output';
    const joined = /^-o=?(.+)$/.exec(word)?.[1];
    return joined !== undefined && formats.has(joined) ? `--output=${joined}` : word;
  });
  return [...formatBehindVerb(words), ...(end === -1 ? [] : argv.slice(end))];
}

/** Puts the format of credentials, which upstream takes before the verb, behind it. */
function formatBehindVerb(words: readonly string[]): readonly string[] {
  const [noun = '', flag = '', ...rest] = words;
  if (noun !== 'credential' || !/^--format-type(=|$)/.test(flag)) return words;
  const format = flag.includes('=') ? [flag] : [flag, ...rest.splice(0, 1)];
  return [noun, ...rest.splice(0, 1), ...format, ...rest];
}
