/**
 * What is wrong with a regular expression of Python, as far as it can be told without Python: undefined when nothing is, or
 * when it uses what only Python has.
 */
export function fileFilterProblem(regex: string): string | undefined {
  // Conditions, comments, flags, atomic groups and possessive repetition have no like in JavaScript.
  if (/\(\?(\(|#|>|[aiLmsux-]+[:)])|[*+?}]\+/.test(regex)) return undefined;
  const translated = regex
    .replaceAll(/\(\?P<([A-Za-z_]\w*)>/g, '(?<$1>')
    .replaceAll(/\(\?P=([A-Za-z_]\w*)\)/g, String.raw`\k<$1>`);
  try {
    // Only whether it compiles is asked; it is never run.
    RegExp(translated);
    return undefined;
  } catch {
    return 'must be a regular expression of Python';
  }
}
