import type { DeleteOptions, ListOptions, SelectorOptions, WriteOptions } from './types.ts';

export type Query = Record<string, string | number | boolean | undefined>;

/** '' or '?a=b&…'; undefined values are left out. */
export function queryString(query: Query | undefined): string {
  if (!query) return '';
  let text = '';
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) text += `${text === '' ? '?' : '&'}${key}=${encodeURIComponent(value)}`;
  }
  return text;
}

/** Query of selectors; '' selectors are as good as none. */
export function selectorQuery(options: SelectorOptions): Query {
  return { labelSelector: options.labelSelector || undefined, fieldSelector: options.fieldSelector || undefined };
}

export function listQuery(options: ListOptions): Query {
  const query: Query = { ...selectorQuery(options), limit: options.limit, continue: options.continue };
  // A continue token carries its version; the server refuses a second one.
  if (options.continue) return query;
  return { ...query, resourceVersion: options.resourceVersion, resourceVersionMatch: options.resourceVersionMatch };
}

export function writeQuery(options: WriteOptions): Query {
  return {
    fieldManager: options.fieldManager,
    dryRun: options.dryRun ? 'All' : undefined,
    fieldValidation: options.fieldValidation,
  };
}

/** The body of a DELETE: metav1.DeleteOptions, undefined when there is nothing to say. */
export function deleteBody(options: DeleteOptions): object | undefined {
  const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds, dryRun } = options;
  const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
  const body = {
    ...(Object.keys(preconditions).length > 0 && { preconditions }),
    ...(propagationPolicy && { propagationPolicy }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(dryRun && { dryRun: ['All'] }),
  };
  if (Object.keys(body).length === 0) return undefined;
  return { apiVersion: 'v1', kind: 'DeleteOptions', ...body };
}
