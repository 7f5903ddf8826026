const formats = new Set(['json', 'yaml', 'wide', 'name']);

/**
 * A command line in words that the parser knows: `-o json` where `-o` is upstream's `--order` (its values are others), and upstream's
 * `-pl` for `--platform`. Nothing behind `--` is touched.
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
  return [...words, ...(end === -1 ? [] : argv.slice(end))];
}
