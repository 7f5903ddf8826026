import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import { listTable } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';
import { pages } from '../pages.ts';
import type { AppEntry } from './entry.ts';

export const list: Verb = {
  path: ['app', 'list'],
  summary: 'List apps',
  description: 'Those that you created, updated or submitted, the newest last, unless told otherwise.',
  options: [
    { flags: '-n, --name <text>', description: 'only whose name holds this text' },
    { flags: '-u, --user <name...>', description: 'only of these users' },
    { flags: '-a, --all-users', description: 'of all users' },
    { flags: '-c, --count <number>', description: 'most to list', type: 'integer', minimum: 1, default: 20 },
    {
      flags: '-o, --order <order>',
      description: 'asc: newest last; desc: newest first',
      choices: ['asc', 'desc'],
      default: 'asc',
    },
  ],
  examples: [
    ['app list', 'yours'],
    ['app list -a -n train', 'of everybody, by name'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const users = input.texts('user');
    if (users.length > 0 && input.flag('all-users')) throw usageFailure('--user, --all-users: give one of them');
    const client = await session.gateway();
    const apps = await pages(input.integer('count') ?? 20, 0, async (limit, offset) => {
      const order = (input.text('order') ?? 'asc').toUpperCase();
      const all = input.flag('all-users') && { all_users: true };
      const query = { users, name: input.text('name'), ...all, order, limit, offset };
      const answer = await client.json<{ apps: AppEntry[]; more_entries?: boolean }>({ path: '/api/app', query });
      return { items: answer.apps, more: answer.more_entries === true };
    });
    const { timeZone } = session.host;
    await printResult(session, input.format, {
      data: { apps },
      names: apps.map(({ name }) => name),
      text: (wide) =>
        listTable(
          [
            { title: 'Owner' },
            { title: 'Name' },
            { title: 'Description' },
            { title: 'Created Date' },
            { title: 'Latest Version', right: true },
            { title: 'UUID', wide: true },
            { title: 'Namespace', wide: true },
          ],
          apps.map((app) => [
            app.owner ?? '-',
            app.name,
            app.description ?? '-',
            shownTime(app.created_date, timeZone),
            String(app.latest_version ?? '-'),
            app.uuid,
            app.namespace ?? '-',
          ]),
          wide,
        ),
    });
  },
};
