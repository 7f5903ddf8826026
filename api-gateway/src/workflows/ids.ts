import { badRequest } from '../http/errors.ts';

/** Where a workflow is. */
export interface WorkflowRef {
  namespace: string;
  name: string;
}

const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** The id by which clients name a workflow: its name, behind its namespace and a dot unless that is the default one. */
export function idOf({ namespace = '', name }: { namespace?: string; name: string }, defaultNamespace: string): string {
  return namespace === defaultNamespace ? name : `${namespace}.${name}`;
}

/**
 * Reads an id. Neither names nor namespaces hold dots, so that there is one reading only.
 *
 * @throws RequestError 400
 */
export function refOfId(id: string, defaultNamespace: string): WorkflowRef {
  const parts = id.split('.');
  const [namespace, name] = parts.length === 1 ? [defaultNamespace, id] : parts;
  if (parts.length <= 2 && label.test(namespace ?? '') && label.test(name ?? '')) {
    return { namespace: namespace ?? '', name: name ?? '' };
  }
  throw badRequest(
    `workflow ${JSON.stringify(id.slice(0, 128))}: must be NAME, or NAMESPACE.NAME in another namespace`,
  );
}
