/** Upstream's grammar of names. */
export const recipeName = /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;
export const recipeNameWords =
  "must be at most 64 letters, digits, '-' and '_', starting with a letter and ending with a letter or digit";

/** A name as names are compared and as Kubernetes has them: lower case, `_` as `-`. */
export function normalName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/**
 * Name of a Kubernetes object for a recipe's name: a DNS label.
 *
 * @param suffix what follows, as in `-12` for the twelfth workflow of the name; the name is cut so that all fits into 63
 */
export function objectNameFor(name: string, suffix = ''): string {
  return `${normalName(name)
    .slice(0, 63 - suffix.length)
    .replace(/-+$/, '')}${suffix}`;
}
