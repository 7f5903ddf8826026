import type { Workflow } from '@osmo/crds';
import { readableNamespaces } from '../access/namespaces.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Identity } from '../identity/identity.ts';

/**
 * The test whether a caller may list a workflow, in one namespace or wherever they may.
 *
 * @throws RequestError 403 for a namespace that was asked for by name
 */
export async function readableWorkflows(
  { access, caches }: Pick<Dependencies, 'access' | 'caches'>,
  caller: Identity,
  namespace: string | undefined,
): Promise<(workflow: Workflow) => boolean> {
  if (namespace !== undefined) {
    await access.demand(caller, { verb: 'list', resource: 'workflows', namespace });
    return ({ metadata }) => metadata.namespace === namespace;
  }
  const readable = await readableNamespaces(access, caller, 'workflows', function* namespaces() {
    for (const { metadata } of caches.workflows.list()) yield metadata.namespace ?? '';
  });
  if (readable === 'all') return () => true;
  return ({ metadata }) => readable.has(metadata.namespace ?? '');
}
