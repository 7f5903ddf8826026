import { printResult } from '../../output/print.ts';
import { fields, table } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';
import { appName } from './app-name.ts';
import type { AppDetail } from './entry.ts';

export const info: Verb = {
  path: ['app', 'info'],
  summary: 'Show an app with its versions',
  arguments: [{ name: 'name[:version]', description: 'app, or one version of it' }],
  options: [
    { flags: '-c, --count <number>', description: 'most versions to show', type: 'integer', minimum: 1, default: 20 },
    {
      flags: '-o, --order <order>',
      description: 'of the versions; asc: newest last',
      choices: ['asc', 'desc'],
      default: 'asc',
    },
  ],
  examples: [
    ['app info train-robot', 'all versions'],
    ['app info train-robot -c 1 -o desc', 'the newest'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const { path, version } = appName(input.args[0] ?? '');
    const client = await session.gateway();
    const order = (input.text('order') ?? 'asc').toUpperCase();
    const app = await client.json<AppDetail>({ path, query: { order, limit: input.integer('count'), version } });
    const { timeZone } = session.host;
    await printResult(session, input.format, {
      data: app,
      names: app.versions.map((each) => `${app.name}:${each.version}`),
      text: () => {
        const head = fields([
          ['Name', app.name],
          ['UUID', app.uuid],
          ['Owner', app.owner ?? '-'],
          ['Create Date', shownTime(app.created_date, timeZone)],
          ['Description', app.description ?? '-'],
        ]);
        const rows = app.versions.map((each) => [
          String(each.version),
          each.created_by ?? '-',
          shownTime(each.created_date, timeZone),
          each.status ?? '-',
        ]);
        const columns = [
          { title: 'Version', right: true },
          { title: 'Created By' },
          { title: 'Created Date' },
          { title: 'Status' },
        ];
        return `${head}\n\n${table(columns, rows)}`;
      },
    });
  },
};
