/** A path below a folder as people write it, without './', '/' at its ends and '/*' for all that is in it. */
export function plainPath(path: string): string {
  return path
    .replace(/\/+/g, '/')
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/\*$/, '')
    .replace(/\/$/, '')
    .replace(/^[.*]$/, '');
}

/** Whether a file is one of these paths, or below one; all are when there are none. */
export function isBelow(paths: readonly string[]): (file: string) => boolean {
  const plain = paths.map(plainPath);
  if (plain.length === 0 || plain.includes('')) return () => true;
  return (file) => plain.some((path) => file === path || file.startsWith(`${path}/`));
}
