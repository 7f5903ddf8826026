import type { KubeClient, KubeObject, ListOptions, ListResult, ResourceType } from './types.ts';

/**
 * Walks a collection page by page, all of one snapshot.
 *
 * @throws KubeError 410 when the snapshot was compacted before the last page; start again.
 */
export async function* listPages<T extends KubeObject>(
  client: Pick<KubeClient, 'list'>,
  type: ResourceType<T>,
  options: ListOptions = {},
): AsyncGenerator<ListResult<T>> {
  let next = options.continue;
  do {
    const page = await client.list(type, { limit: 500, ...options, continue: next });
    yield page;
    next = page.metadata.continue || undefined;
  } while (next);
}

/** The whole collection in one array, by pages. */
export async function listAll<T extends KubeObject>(
  client: Pick<KubeClient, 'list'>,
  type: ResourceType<T>,
  options: ListOptions = {},
): Promise<ListResult<T>> {
  const items: T[] = [];
  let resourceVersion = '';
  for await (const page of listPages(client, type, options)) {
    for (const item of page.items) items.push(item);
    ({ resourceVersion } = page.metadata);
  }
  return { items, metadata: { resourceVersion } };
}
