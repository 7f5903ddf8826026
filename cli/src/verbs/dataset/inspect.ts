import type { FileInfo } from '@osmo/storage/repository';
import { shownBytes } from '../../data/amount.ts';
import { filterOf, regexOption } from '../../data/options.ts';
import { clean } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';
import { datasetName } from './dataset-name.ts';
import type { Download } from './entry.ts';
import { eachVersion } from './repository.ts';

export const inspect: Verb = {
  path: ['dataset', 'inspect'],
  summary: 'List the files of a version, without downloading them',
  arguments: [
    {
      name: '[bucket/]name[:version]',
      description: 'dataset with a number or tag, the latest when not given; or collection',
    },
  ],
  options: [
    {
      flags: '-t, --format-type <format>',
      description: 'how to print',
      choices: ['text', 'tree', 'json'],
      default: 'text',
    },
    regexOption,
    { flags: '-c, --count <number>', description: 'most files to list', type: 'integer', minimum: 1, default: 1000 },
  ],
  examples: [
    ['dataset inspect arm-moves', 'paths and sizes of the latest version'],
    ["dataset inspect arm-moves:good -t tree -x 'camera/.*'", 'some of one, as a tree'],
  ],
  async run(session, input) {
    const taken = await filterOf(input);
    const client = await session.gateway();
    const dataset = await datasetName(session, client, input.args[0] ?? '');
    const found = await client.json<Download>({ path: dataset.path, query: { tag: dataset.version } });
    const most = input.integer('count') ?? 1000;
    const files: FileInfo[] = [];
    let more = false;
    const several = found.versions.length > 1;
    await eachVersion(session, found, async (version, { name }) => {
      for await (const file of version.list({ signal: session.host.signal })) {
        if (!taken(file.path)) continue;
        if (files.length === most) {
          more = true;
          break;
        }
        files.push(several ? { ...file, path: `${name}/${file.path}` } : file);
      }
    });
    const format = input.text('format-type') ?? 'text';
    if (format === 'json') return session.print(JSON.stringify({ versions: found.versions, files, more }, null, 2));
    for (const line of format === 'tree' ? treeLines(files) : files.map(textLine)) session.print(line);
    if (more) session.note(`There are more than ${most}; --count lists more`);
    return undefined;
  },
};

function textLine({ path, kind, size, target }: FileInfo): string {
  const what = kind === 'file' ? shownBytes(size) : kind;
  return `${what.padStart(10)}  ${clean(path)}${target === undefined ? '' : ` -> ${clean(target)}`}`;
}

/** Paths in their order as a tree: each folder once, what is in it behind it. */
export function treeLines(files: readonly Pick<FileInfo, 'path' | 'kind' | 'size'>[]): string[] {
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const { path, kind, size } of files) {
    const steps = path.split('/');
    const folders = kind === 'folder' ? steps : steps.slice(0, -1);
    let same = 0;
    while (same < open.length && same < folders.length && open[same] === folders[same]) same++;
    for (let depth = same; depth < folders.length; depth++)
      lines.push(`${'  '.repeat(depth)}${clean(folders[depth] ?? '')}/`);
    open = folders;
    if (kind !== 'folder')
      lines.push(`${'  '.repeat(folders.length)}${clean(steps.at(-1) ?? '')}  ${shownBytes(size)}`);
  }
  return lines;
}
