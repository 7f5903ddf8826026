import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../system/cache.ts';
import { components, type ComponentName } from './table.ts';

export async function obtainAll(
  names: readonly ComponentName[],
  _say: (line: string) => void,
): Promise<Record<string, string>> {
  return Object.fromEntries(
    names.map((n) => {
      const f = join(cacheFolder(process.env), 'bin', `${n}-${components[n].version}`);
      if (!existsSync(f)) throw new Error(f);
      return [n, f];
    }),
  );
}
