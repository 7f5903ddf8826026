import { Indexes } from '../caches.ts';
import type { Dependencies } from '../dependencies.ts';
import { notFound, type RequestError } from '../http/errors.ts';
import { refOfId, type WorkflowRef } from './ids.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Where the workflow of an id is: upstream takes the UUID of one wherever it takes its name. A name comes first, since one may look like
 * that; what nobody has heard of is taken for a name.
 *
 * @throws RequestError 400 for what is neither
 */
export function findWorkflow(
  { caches, archive, defaultNamespace }: Pick<Dependencies, 'caches' | 'archive' | 'defaultNamespace'>,
  id: string,
): WorkflowRef {
  const ref = refOfId(id, defaultNamespace);
  if (!uuid.test(id) || caches.workflows.get(ref.namespace, ref.name) !== undefined) return ref;
  const [live] = caches.workflows.byIndex(Indexes.uid, id);
  if (live === undefined) return archive?.named(id) ?? ref;
  const { namespace = '', name } = live.metadata;
  return { namespace, name };
}

/** What is said of an id that is nobody's, and where to look. */
export function noWorkflow(id: string): RequestError {
  const shown = JSON.stringify(id.slice(0, 128));
  return notFound(`there is no workflow ${shown}; "osmo workflow list" (GET /api/workflow) lists yours`, id);
}
