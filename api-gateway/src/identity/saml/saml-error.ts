/** A response that isn't taken. The message says why, for people and logs, and holds nothing of what was sent. */
export class SamlError extends Error {
  override readonly name = 'SamlError';
}
