/** A text that isn't YAML as PyYAML reads it. */
export class YamlError extends Error {
  /** UTF-16 offset in the text. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'YamlError';
    this.offset = offset;
  }
}
