import type { Change } from '@osmo/storage/repository';
import { shownBytes } from '../../data/amount.ts';
import { ExitCodes } from '../../exit-codes.ts';
import { Failure, usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import { clean } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';
import { datasetName } from './dataset-name.ts';
import type { Download } from './entry.ts';
import { withRepository } from './repository.ts';

const signs = { added: '+', removed: '-', changed: '~' } as const;

export const diff: Verb = {
  path: ['dataset', 'diff'],
  summary: 'Say what differs between two versions, file by file',
  description: 'Of the same bucket; nothing is downloaded but lists of files.',
  arguments: [
    { name: '[bucket/]name[:version]', description: 'the older one' },
    {
      name: 'other',
      description: 'the newer one: [bucket/]name[:version], or :version of the same dataset; its latest when not given',
      optional: true,
    },
  ],
  options: [{ flags: '--exit-code', description: 'end with 4 when something differs' }],
  examples: [
    ['dataset diff arm-moves:1 :2', 'two versions'],
    ['dataset diff arm-moves:good', 'a version and the latest'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [text = '', second = ''] = input.args;
    const client = await session.gateway();
    const older = await datasetName(session, client, text);
    const base = text.replace(/:[^:/]*$/, '');
    const newer = await datasetName(
      session,
      client,
      second === '' ? base : second.startsWith(':') ? base + second : second,
    );
    const find = (dataset: typeof older): Promise<Download> =>
      client.json<Download>({ path: dataset.path, query: { tag: dataset.version } });
    const [from, to] = [await find(older), await find(newer)];
    const [a, b] = [from.versions, to.versions].map((versions) => (versions.length === 1 ? versions[0] : undefined));
    if (a === undefined || b === undefined) throw usageFailure('collections can not be compared; name their datasets');
    if (from.path !== to.path) throw usageFailure(`${text}, ${second}: must be of one bucket`);
    const changes: Change[] = [];
    await withRepository(session, from.path, async (repository) => {
      const { diff: differences } = await import('@osmo/storage/repository');
      const [before, after] = [await repository.open(a.manifest), await repository.open(b.manifest)];
      for await (const change of differences(before, after)) {
        if (input.format === 'text') session.print(line(change));
        changes.push(change);
      }
    });
    if (input.format === 'text') session.note(summary(changes, `${a.name}:${a.version}`, `${b.name}:${b.version}`));
    else
      await printResult(session, input.format, {
        data: { changes },
        names: changes.map(({ path }) => path),
        text: () => '',
      });
    if (input.flag('exit-code') && changes.length > 0)
      throw new Failure(ExitCodes.failed, `${changes.length} paths differ`);
  },
};

function line({ path, change, before, after }: Change): string {
  const size = (info: Change['before']): string => (info?.kind === 'file' ? shownBytes(info.size) : (info?.kind ?? ''));
  const what = change === 'changed' ? `${size(before)} -> ${size(after)}` : size(before ?? after);
  return `${signs[change]} ${clean(path)}  (${what})`;
}

function summary(changes: readonly Change[], from: string, to: string): string {
  const count = (kind: Change['change']): number => changes.filter(({ change }) => change === kind).length;
  return `From ${from} to ${to}: ${count('added')} added, ${count('removed')} removed, ${count('changed')} changed`;
}
