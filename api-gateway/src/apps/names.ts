import { badRequest } from '../http/errors.ts';
import { idOf } from '../workflows/ids.ts';

/** Where an app is. */
export interface AppRef {
  namespace: string;
  name: string;
}

const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Reads the name by which clients mean an app: upstream's names (letters, digits, `-` and `_`) as a resource can bear them,
 * in lower case and with `-` for `_`; behind a namespace and a dot where it isn't the default one.
 *
 * @throws RequestError 400
 */
export function appRefOf(id: string, defaultNamespace: string): AppRef {
  const parts = id.split('.');
  const [namespace = '', written = ''] = parts.length === 1 ? [defaultNamespace, id] : parts;
  const name = written.toLowerCase().replaceAll('_', '-');
  if (parts.length <= 2 && label.test(namespace) && label.test(name)) return { namespace, name };
  throw badRequest(
    `app ${JSON.stringify(id.slice(0, 128))}: must be NAME, or NAMESPACE.NAME in another namespace, where NAME has at most 63 letters, digits, '-' and '_' and starts and ends with a letter or digit`,
  );
}

/** The name by which clients mean an app. */
export const appIdOf = idOf;
