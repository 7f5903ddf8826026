import { printResult } from '../../output/print.ts';
import { listTable } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';
import { type UserEntry, usersPath } from './entry.ts';

export const list: Verb = {
  path: ['user', 'list'],
  summary: 'List users',
  options: [
    { flags: '-p, --id-prefix <text>', description: 'only whose id begins with this' },
    { flags: '-r, --roles <role...>', description: 'only with one of these roles' },
    { flags: '-c, --count <number>', description: 'most to list', type: 'integer', minimum: 1, default: 100 },
  ],
  examples: [
    ['user list', 'the first 100'],
    ['user list -p robot- -r osmo-user', 'by id and role'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const client = await session.gateway();
    const answer = await client.json<{ users?: UserEntry[]; total_results?: number }>({
      path: usersPath,
      query: { count: input.integer('count'), id_prefix: input.text('id-prefix'), roles: input.texts('roles') },
    });
    const { users = [], total_results: total = 0 } = answer;
    await printResult(session, input.format, {
      data: answer,
      names: users.map(({ id }) => id),
      text: (wide) =>
        listTable(
          [{ title: 'User ID' }, { title: 'Created At' }, { title: 'Created By', wide: true }],
          users.map(({ id, created_at: at, created_by: by }) => [id, shownTime(at, session.host.timeZone), by || '-']),
          wide,
        ),
    });
    if (input.format === 'text' && total > users.length)
      session.note(`${users.length} of ${total} users; --count lists more.`);
  },
};
