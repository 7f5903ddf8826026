import { printResult } from '../../output/print.ts';
import { fields } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';
import { roleTable } from '../role-table.ts';
import { type UserEntry, userPath } from './entry.ts';

export const get: Verb = {
  path: ['user', 'get'],
  summary: 'Show a user with their roles',
  arguments: [{ name: 'id', description: 'id of the user' }],
  examples: [['user get robot-1', 'and who has given the roles']],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [id = ''] = input.args;
    const client = await session.gateway();
    const user = await client.json<UserEntry>({ path: userPath(id) });
    await printResult(session, input.format, {
      data: user,
      names: [user.id],
      text: () =>
        `${fields([
          ['User ID', user.id],
          ['Created At', shownTime(user.created_at, session.host.timeZone)],
          ['Created By', user.created_by ?? '-'],
        ])}\n\n${roleTable(session, user.roles ?? [])}`,
    });
  },
};
