import { closeSync, openSync, writeSync } from 'node:fs';
import { filterOf, regexOption } from '../../data/options.ts';
import { withPlace } from '../../data/open.ts';
import { absolute } from '../../data/sources.ts';
import { usageFailure } from '../../failure.ts';
import { clean } from '../../output/table.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { objectsAt, pathBelow } from './objects.ts';

export const list: Verb = {
  path: ['data', 'list'],
  summary: 'List what is at a URL',
  description: 'One key a line, as it is read: of millions too. Without --recursive folders are not looked into.',
  arguments: [
    { name: 'url', description: 's3://, gs://, azure://, tos:// or swift://, with a folder or an object' },
    { name: 'file', description: 'new file for the keys; standard output when not given', optional: true },
  ],
  options: [
    regexOption,
    { flags: '-p, --prefix <text>', description: 'only keys below the URL that begin so' },
    { flags: '-r, --recursive', description: 'in all folders below' },
    { flags: '--no-pager', description: "upstream's; there is none here" },
  ],
  examples: [
    ['data list s3://robots/recordings', 'folders and objects of one folder'],
    ['data list s3://robots/recordings -r keys.txt', 'all keys below it, into a file'],
    ['data list s3://robots -r -p run-1 -o json', 'with sizes and times'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const { host } = session;
    const [url = '', file] = input.args;
    const taken = await filterOf(input);
    const prefix = input.text('prefix') ?? '';
    const keep = input.format === 'json' || input.format === 'yaml';
    const out = file === undefined ? undefined : openNew(absolute(host.cwd, file), file);
    const objects: object[] = [];
    let count = 0;
    const write = async (text: string): Promise<void> => {
      if (out !== undefined) writeSync(out, text);
      else {
        host.out.write(text);
        await host.out.drained();
      }
    };
    try {
      await withPlace(session, url, async (store, path) => {
        const passes = (key: string): boolean => {
          const below = pathBelow(path, key);
          return below.startsWith(prefix) && taken(below);
        };
        const pages = objectsAt(store, path, { signal: host.signal, shallow: !input.flag('recursive') });
        for await (const page of pages) {
          const folders = page.folders.filter(passes);
          const found = page.objects.filter(({ key }) => passes(key));
          count += found.length;
          if (keep) {
            objects.push(...folders.map((key) => ({ key })));
            objects.push(
              ...found.map(({ key, size, etag, modified }) => ({ key, size, etag, modified: modified.toISOString() })),
            );
          } else {
            const lines = [...folders, ...found.map(({ key }) => key)].map((key) => `${clean(key)}\n`);
            if (lines.length > 0) await write(lines.join(''));
          }
        }
      });
    } finally {
      if (out !== undefined) closeSync(out);
    }
    if (keep) return printResult(session, input.format, { data: { objects }, text: () => '' });
    return session.note(`Total ${count} objects found`);
  },
};

/** @throws Failure when there is a file already */
function openNew(path: string, name: string): number {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw usageFailure(`${name}: ${code === 'EEXIST' ? 'is there already; name a new file' : message}`);
  }
}
