/**
 * A Task that no pod can be made of, whatever the cluster does. The message names the field, what it holds (never the
 * contents of a file or a credential) and what is allowed.
 */
export class UnbuildableError extends Error {
  override readonly name = 'UnbuildableError';
}
