import { badRequest } from '../http/errors.ts';

/** Longest name of a user, as the resource has it. */
const longestName = 256;

/**
 * The name of a user as a path or body has it.
 *
 * @throws RequestError 400 for one that can be nobody's, or is the cluster's own
 */
export function userNameOf(field: string, name: string): string {
  // oxlint-disable-next-line no-control-regex
  const isName = name.length <= longestName && name === name.trim() && /^[^\u0000-\u001f\u007f]+$/.test(name);
  const shown = JSON.stringify(name.slice(0, 64));
  if (!isName)
    throw badRequest(`${field}: ${shown}: must be 1 to ${longestName} characters without control characters`);
  if (name.startsWith('system:')) {
    const instead = 'identities of the cluster have tokens of their own, as "kubectl create token NAME" prints';
    throw badRequest(`${field}: ${shown}: must not begin with 'system:'; ${instead}`);
  }
  return name;
}
