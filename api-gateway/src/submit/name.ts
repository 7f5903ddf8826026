/** Longest name of a Workflow. */
const longest = 63;

/** The name of a recipe as a Workflow can bear it: lower case, `_` as `-`, with room for a number of up to six digits. */
export function baseName(name: string): string {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, longest - 7)
    .replace(/-+$/, '');
  return label === '' ? 'workflow' : label;
}

/** The name without the number that its submission gave it. */
export function withoutNumber(name: string): string {
  return name.replace(/-[0-9]{1,6}$/, '') || name;
}

/** The number after the highest that is taken, so that names tell the order of submission. */
export function nextNumber(base: string, names: Iterable<string>): number {
  let highest = 0;
  for (const name of names) {
    if (!name.startsWith(`${base}-`)) continue;
    const rest = name.slice(base.length + 1);
    if (/^[1-9][0-9]{0,5}$/.test(rest)) highest = Math.max(highest, Number(rest));
  }
  return highest + 1;
}
