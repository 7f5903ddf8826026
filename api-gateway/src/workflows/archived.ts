import type { Workflow } from '@osmo/crds';
import { readableNamespaces } from '../access/namespaces.ts';
import type { Dependencies } from '../dependencies.ts';
import { RequestError } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { Page } from './page.ts';

/** What a list asks for. */
export interface ListAsked {
  caller: Identity;
  /** Absent: wherever the caller may list. */
  namespace: string | undefined;
  passes: (workflow: Workflow) => boolean;
  offset: number;
  limit: number;
  newestFirst: boolean;
}

/**
 * A page of what is in the cluster, with archived workflows where that is at its end: they are older. Oldest first they are left out. An
 * archive that can't be read takes nothing from the rest of the page, which says so.
 */
export async function withArchived(
  { access, archive }: Pick<Dependencies, 'access' | 'archive'>,
  live: Page<Workflow>,
  { caller, namespace, passes, offset, limit, newestFirst }: ListAsked,
  signal: AbortSignal,
): Promise<{ items: Workflow[]; more: boolean; warning?: string }> {
  if (archive === undefined || live.more || !newestFirst) return live;
  const readable = async (namespaces: Iterable<string>): Promise<(each: string) => boolean> => {
    if (namespace !== undefined) return (each) => each === namespace;
    const may = await readableNamespaces(access, caller, 'workflows', () => namespaces);
    return may === 'all' ? () => true : (each) => may.has(each);
  };
  const rest = { offset: Math.max(0, offset - live.passed), limit: limit - live.items.length };
  try {
    const { items, more } = await archive.page({ readable, passes, ...rest }, signal);
    return { items: [...live.items, ...items], more };
  } catch (error) {
    if (!(error instanceof RequestError) || error.status !== 503) throw error;
    return { ...live, warning: `workflows that are gone from the cluster are missing: ${error.message}` };
  }
}
