const innermost = String.raw`[^{}\n\r]*`;

/**
 * The tokens that a template leaves alone, since they get their values when a task is created: `{{uuid}}`,
 * `{{workflow_id}}`, `{{output}}`, `{{input:…}}`, `{{host:…}}`, all without blanks behind and before the braces.
 */
const exactToken = new RegExp(String.raw`\{\{(?:uuid|workflow_id|output|(?:input|host):${innermost})\}\}`, 'y');

// `{{host:worker-{{ i }}}}`: the inner expression is rendered, what is around it is text.
const openToken = new RegExp(String.raw`\{\{(?:input|host):(?=${innermost}\{\{)`, 'y');

/** Length of the text at `offset` that belongs to a special token and is not for the template engine, or 0. */
export function specialTokenLength(text: string, offset: number): number {
  exactToken.lastIndex = offset;
  openToken.lastIndex = offset;
  return (exactToken.exec(text) ?? openToken.exec(text))?.[0].length ?? 0;
}
