import { specialTokenLength } from './special-tokens.ts';

/** A text that renders to `text`: what a template would act on is written as an expression, special tokens stay. */
export function escapeTemplate(text: string): string {
  let escaped = '';
  let from = 0;
  const tag = /\{[{%#]/g;
  for (let match = tag.exec(text); match; match = tag.exec(text)) {
    const length = specialTokenLength(text, match.index);
    if (length > 0) {
      tag.lastIndex = match.index + length;
      continue;
    }
    escaped += `${text.slice(from, match.index)}{{'${match[0]}'}}`;
    from = match.index + 2;
    tag.lastIndex = from;
  }
  // Rendering drops one line end at the end, which may belong to the last text of the document.
  return `${escaped}${text.slice(from)}${text.endsWith('\n') ? '\n' : ''}`;
}
