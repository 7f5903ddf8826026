import { badRequest } from '../http/errors.ts';

/** Tags of one workflow. */
const mostTags = 32;

/**
 * The tags of a workflow after some were added and others taken away, sorted; what is added and removed at once is there.
 *
 * @throws RequestError 400 for a tag that can't be one, or too many of them
 */
export function changedTags(known: readonly string[], add: readonly string[], remove: readonly string[]): string[] {
  for (const tag of add) {
    if (/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(tag)) continue;
    const rule = "must be at most 63 letters, digits, '.', '_' and '-', with a letter or digit at both ends";
    throw badRequest(`add: ${JSON.stringify(tag.slice(0, 64))}: ${rule}`);
  }
  const taken = new Set(remove);
  const tags = [...new Set([...known.filter((tag) => !taken.has(tag)), ...add])].toSorted();
  if (tags.length <= mostTags) return tags;
  throw badRequest(`add: a workflow can have at most ${mostTags} tags, and would have ${tags.length}`);
}
