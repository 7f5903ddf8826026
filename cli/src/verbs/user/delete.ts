import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { confirmed } from '../confirm.ts';
import { userPath } from './entry.ts';

export const deleteUser: Verb = {
  path: ['user', 'delete'],
  summary: 'Delete a user, with their access tokens',
  arguments: [{ name: 'id', description: 'id of the user' }],
  options: [{ flags: '-f, --force', description: 'without asking' }],
  examples: [['user delete robot-1 -f', 'without a question']],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [id = ''] = input.args;
    if (!input.flag('force') && !(await confirmed(session, `Delete user ${id}?`)))
      return session.note('Nothing was deleted.');
    const client = await session.gateway();
    const answer = await client.json<unknown>({ method: 'DELETE', path: userPath(id) });
    return printResult(session, input.format, { data: answer, text: () => `User ${id} deleted.` });
  },
};
