import { RecipeError } from '../problem.ts';

const simple: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g;

/**
 * What stands for the text between the quotes of a string literal, by Python's `unicode-escape`.
 *
 * @param offset of the literal, for the error
 */
export function unescapeString(text: string, offset: number): string {
  return text.replace(escape, (whole, x, u, wide, octal, other: string | undefined) => {
    const hex = (x ?? u ?? wide) as string | undefined;
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16), offset);
    if (octal !== undefined) return codePoint(Number.parseInt(String(octal), 8), offset);
    if (other === 'x' || other === 'u' || other === 'U') {
      throw new RecipeError(
        `a string has a broken escape '\\${other}': it needs ${digitsOf[other]} hexadecimal digits`,
        offset,
      );
    }
    if (other === 'N') throw new RecipeError(String.raw`escapes by name ('\N{…}') are not supported; use \u`, offset);
    return simple[other ?? ''] ?? whole;
  });
}

const digitsOf = { x: 2, u: 4, U: 8 } as const;

function codePoint(code: number, offset: number): string {
  if (code <= 0x10_ffff) return String.fromCodePoint(code);
  throw new RecipeError('a string has an escape beyond the last character, U+10FFFF', offset);
}
