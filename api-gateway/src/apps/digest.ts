import { createHash } from 'node:crypto';

/** SHA-256 of a recipe; what the cache holds in its place. */
export function digestOf(recipe: string): string {
  return createHash('sha256').update(recipe).digest('hex');
}
