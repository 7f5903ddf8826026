import { YamlError } from './yaml-error.ts';

// PyYAML's: tab, line ends, and what can be printed. Lone surrogates can't.
const unprintable = /[^\x09\x0A\x0D\x20-\x7E\x85\xA0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10ffff}]/u;

/** PyYAML's reader: a text with a NUL at its end, a place in it, and the place's column. */
export class Reader {
  readonly text: string;
  index = 0;
  line = 0;
  column = 0;

  /** @throws YamlError for characters that YAML doesn't allow */
  constructor(text: string) {
    const bad = unprintable.exec(text);
    if (bad) {
      const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      throw new YamlError(
        `the character U+${code} is not allowed in YAML; write it as an escape in double quotes`,
        bad.index,
      );
    }
    this.text = `${text}\0`;
  }

  peek(offset = 0): string {
    return this.text[this.index + offset] ?? '\0';
  }

  prefix(length: number): string {
    return this.text.slice(this.index, this.index + length);
  }

  /** Whether the character at the place, or some after it, is one of `chars`. */
  at(chars: string, offset = 0): boolean {
    return chars.includes(this.peek(offset));
  }

  forward(length = 1): void {
    for (let left = length; left > 0; left -= 1) {
      const char = this.peek();
      this.index += 1;
      if ('\n\x85\u2028\u2029'.includes(char) || (char === '\r' && this.peek() !== '\n')) {
        this.line += 1;
        this.column = 0;
      } else if (char !== '\uFEFF' && !isLowSurrogate(char)) this.column += 1;
    }
  }
}

/** The second half of a character that takes two UTF-16 units. */
const isLowSurrogate = (char: string): boolean => char >= '\uDC00' && char <= '\uDFFF';
